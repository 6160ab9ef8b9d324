"""The range of values that the last layers of a network can return."""

import math
import numbers

import keras

from kerasgan.utils import networks
from kerasgan.utils.private_names import origin

_EVERY = (-math.inf, math.inf)
# Functions, layers and operations by their names in small letters.
_RANGES = {
    "sigmoid": (0.0, 1.0),
    "hardsigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hardtanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, math.inf),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, math.inf),
    "exp": (0.0, math.inf),
    "exponential": (0.0, math.inf),
    "logsigmoid": (-math.inf, 0.0),
    "logsoftmax": (-math.inf, 0.0),
    "leakyrelu": _EVERY,
    "prelu": _EVERY,
}
# What returns values of its input, or means of them.
_KEEPS_RANGE = {
    "averagepooling2d",
    "cropping2d",
    "flatten",
    "globalaveragepooling2d",
    "globalmaxpooling2d",
    "identity",
    "maxpooling2d",
    "mean",
    "permute",
    "reshape",
    "squeeze",
    "transpose",
}
_ARITHMETIC = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "truedivide": lambda x, y: x / y,
}


def find_output_range(network):
    """Finds the range of a network's output from its last layers alone.

    Args:
        network: a built `keras.Model`.

    Returns:
        `(low, high, layer)`, the last being the layer or operation that makes
        the range; or None if it is not known, as of a model whose own `call`
        cannot be followed.
    """
    if networks.is_graph(network):
        return _of_tensor(network.outputs[0])
    shape = networks.input_shape(network)
    try:
        # Not `network(...)`, which hides the layers inside.
        return _of_tensor(network.call(networks.symbolic(shape)))
    except Exception:
        # TensorFlow's or JAX's own functions, or a condition on values.
        return None


def _of_tensor(tensor):
    operation, inputs = origin(tensor)
    if isinstance(operation, keras.Model):
        return find_output_range(operation)
    tensors = [x for x in inputs if isinstance(x, keras.KerasTensor)]
    name = _name(type(operation))
    if name in _ARITHMETIC and len(inputs) == 2 and len(tensors) == 1:
        return _of_arithmetic(_ARITHMETIC[name], inputs)
    layer = getattr(operation, "layer", operation)
    if callable(getattr(layer, "activation", None)):
        name = _name(layer.activation)
        if not layer.activation.__module__.startswith(
            ("keras.", "tensorflow.", "jax.")
        ):
            return None
        if name == "linear":
            if hasattr(layer, "kernel"):
                return (*_EVERY, operation)
            name = "identity"
    if len(tensors) == 1 and name in _KEEPS_RANGE:
        return _of_tensor(tensors[0])
    if len(tensors) == 1 and isinstance(operation, keras.layers.Rescaling):
        return _of_rescaling(operation, tensors[0])
    if isinstance(operation, keras.layers.ReLU) and (
        operation.max_value is not None or operation.negative_slope
    ):
        return None
    if name == "clip" and not hasattr(operation, "activation"):
        return _of_clip(operation)
    return (*_RANGES[name], operation) if name in _RANGES else None


def _name(thing):
    return getattr(thing, "__name__", "").replace("_", "").lower()


def _of_arithmetic(function, inputs):
    """Returns the range of a tensor and a number, in either order."""
    first = isinstance(inputs[0], keras.KerasTensor)
    tensor, number = inputs if first else inputs[::-1]
    bounds = _of_tensor(tensor)
    if bounds is None or not isinstance(number, numbers.Real) or not number:
        return bounds if isinstance(number, numbers.Real) and number else None
    if function is _ARITHMETIC["divide"] and not first:
        return None
    low, high, layer = bounds
    ends = [
        function(end, number) if first else function(number, end)
        for end in (low, high)
    ]
    return min(ends), max(ends), layer


def _of_rescaling(rescaling, tensor):
    bounds = _of_tensor(tensor)
    scale, offset = rescaling.scale, rescaling.offset
    known = isinstance(scale, numbers.Real) and isinstance(offset, numbers.Real)
    if bounds is None or not known or not scale:
        return None
    ends = [scale * end + offset for end in bounds[:2]]
    return min(ends), max(ends), bounds[2]


def _of_clip(clip):
    ends = clip.x_min, clip.x_max
    if not all(isinstance(end, numbers.Real) for end in ends):
        return None
    return (*map(float, ends), clip)
