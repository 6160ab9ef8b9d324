"""The layers of a folded generator in ONNX, one function each.

Each takes a `Call` and returns the name of the tensor that the layer makes. Maps
(tensors of four axes) are channels-first here, in Keras channels-last.
"""

import keras
import numpy as np

from kerasgan import layers
from kerasgan.serving.exports.folding import AFFINES


def _activated(call, x):
    name = keras.activations.serialize(call.layer.activation)
    call.require(
        isinstance(name, str) and name in _ACTIVATIONS, f"activation={name}"
    )
    operator, attributes = _ACTIVATIONS[name]
    return x if operator is None else call.node(operator, [x], **attributes)


_ACTIVATIONS = {
    "linear": (None, {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.2}),
    "elu": ("Elu", {"alpha": 1.0}),
    "sigmoid": ("Sigmoid", {}),
    "softplus": ("Softplus", {}),
    "tanh": ("Tanh", {}),
}


def _kernel_and_bias(call):
    call.require(
        len(call.values) == 1 + call.layer.use_bias, "variables of its own"
    )
    return call.values


def _dense(call):
    call.require(call.rank == 2, f"an input of {call.rank} axes")
    kernel, *bias = _kernel_and_bias(call)
    x = call.product(0, "kernel", kernel)
    if bias:
        x = call.node("Add", [x, call.along("bias", bias[0])])
    return _activated(call, x)


def _map_size(call):
    """Returns the height and width of the map that a layer takes."""
    call.require(
        call.layer.data_format == "channels_last", "channels that are first"
    )
    call.require(None not in call.shape[1:], "an input of unknown size")
    return call.shape[1:3]


def _geometry(call):
    layer = call.layer
    reach = [
        (k - 1) * d for k, d in zip(layer.kernel_size, layer.dilation_rate)
    ]
    attributes = {
        "kernel_shape": [*layer.kernel_size],
        "strides": [*layer.strides],
        "dilations": [*layer.dilation_rate],
        "group": getattr(layer, "groups", 1),
    }
    return reach, attributes


def _pads(totals):
    """Returns the padding at the start and at the end, which gets an odd one."""
    starts = [total // 2 for total in totals]
    return [*starts, *(total - s for total, s in zip(totals, starts))]


def _convolution(call, operator, kernel_axes, pads, **attributes):
    kernel, *bias = _kernel_and_bias(call)
    inputs = [
        call.input(),
        call.constant("kernel", kernel.transpose(kernel_axes), True),
        *(call.constant("bias", vector) for vector in bias),
    ]
    x = call.node(operator, inputs, pads=pads, **attributes)
    return _activated(call, x)


def _conv2d(call):
    size, layer = _map_size(call), call.layer
    reach, attributes = _geometry(call)
    totals = [0, 0]
    if layer.padding == "same":
        totals = [
            max((-(-n // s) - 1) * s + r + 1 - n, 0)
            for n, s, r in zip(size, layer.strides, reach)
        ]
    return _convolution(call, "Conv", (3, 2, 0, 1), _pads(totals), **attributes)


def _conv2d_transpose(call):
    _map_size(call)
    layer = call.layer
    call.require(layer.output_padding is None, "output_padding")
    reach, attributes = _geometry(call)
    # What the kernel reaches beyond the stride is cut off, or missing.
    beyond = [r + 1 - s for r, s in zip(reach, layer.strides)]
    same = layer.padding == "same"
    return _convolution(
        call,
        "ConvTranspose",
        (3, 2, 0, 1),
        _pads([max(n, 0) if same else 0 for n in beyond]),
        output_padding=[max(-n, 0) for n in beyond],
        **attributes,
    )


def _reshape(call):
    shape = call.layer.compute_output_shape(call.shape)
    call.require(None not in shape[1:], "an output of unknown size")
    x = call.input()
    if call.rank == 4:
        x = call.node("Transpose", [x], perm=[0, 2, 3, 1])
    # 0 takes the batch over.
    target = call.constant("shape", np.array([0, *shape[1:]], np.int64))
    x = call.node("Reshape", [x, target])
    if len(shape) == 4:
        x = call.node("Transpose", [x], perm=[0, 3, 1, 2])
    return x


def _affine(call):
    axis = getattr(call.layer, "axis", -1)
    call.require(axis in (-1, call.rank - 1), f"axis={axis}")
    scale, shift = AFFINES[type(call.layer)](call.layer)
    return _scaled(call, scale, shift)


def _scaled(call, scale, shift):
    x = call.node("Mul", [call.input(), call.along("scale", scale)])
    return call.node("Add", [x, call.along("shift", shift)])


def _rescaling(call):
    values = call.layer.scale, call.layer.offset
    return _scaled(call, *(np.broadcast_to(x, call.shape[-1:]) for x in values))


def _conditional_batch_normalization(call):
    layer = call.layer
    scale, shift = AFFINES[type(layer.normalization)](layer.normalization)
    gamma, beta = (
        keras.ops.convert_to_numpy(x) for x in (layer.gamma, layer.beta)
    )
    axes = (1, 1) if call.rank == 4 else ()
    tables = {"scale": gamma * scale, "shift": gamma * shift + beta}
    scale_and_offset = []
    for name, table in tables.items():
        rows = call.product(1, name, table.astype(np.float32))
        if axes:
            last = call.constant(f"{name}_axes", np.array([2, 3], np.int64))
            rows = call.node("Unsqueeze", [rows, last])
        scale_and_offset.append(rows)
    x = call.node("Mul", [call.input(), scale_and_offset[0]])
    return call.node("Add", [x, scale_and_offset[1]])


def _layer_normalization(call):
    """Normalizes each example as one channel, then scales and shifts channels."""
    shape = call.node("Shape", [call.input()])
    flat = call.constant("flat", np.array([0, 1, -1], np.int64))
    x = call.node("Reshape", [call.input(), flat])
    scale, bias = (
        call.constant(str(n), np.full(1, n, np.float32)) for n in (1, 0)
    )
    x = call.node(
        "InstanceNormalization", [x, scale, bias], epsilon=call.layer.epsilon
    )
    x = call.node("Reshape", [x, shape])
    gamma, beta = call.values
    x = call.node("Mul", [x, call.along("gamma", gamma)])
    return call.node("Add", [x, call.along("beta", beta)])


def _tprelu(call):
    alpha, bias = call.values
    x, bias = call.input(), call.along("bias", bias)
    if not call.shifted:
        x = call.node("Sub", [x, bias])
    slope = call.along("alpha", np.clip(alpha, 0.0, 1.0))
    return call.node("Add", [call.node("PRelu", [x, slope]), bias])


def _trelu(call):
    return call.node("Max", [call.input(), call.along("bias", call.values[0])])


def _prelu(call):
    (alpha,) = call.values
    if alpha.ndim == 3:
        alpha = alpha.transpose(2, 0, 1)
    return call.node("PRelu", [call.input(), call.constant("alpha", alpha)])


def _leaky_relu(call):
    slope = float(call.layer.negative_slope)
    return call.node("LeakyRelu", [call.input()], alpha=slope)


def _relu(call):
    layer = call.layer
    plain = layer.max_value is None and not layer.threshold
    call.require(plain, "max_value or threshold")
    if layer.negative_slope:
        return _leaky_relu(call)
    return call.node("Relu", [call.input()])


def _up_sampling2d(call):
    _map_size(call)
    layer = call.layer
    modes = {
        "nearest": {
            "mode": "nearest",
            "coordinate_transformation_mode": "asymmetric",
            "nearest_mode": "floor",
        },
        "bilinear": {
            "mode": "linear",
            "coordinate_transformation_mode": "half_pixel",
        },
    }
    how = layer.interpolation
    call.require(how in modes, f"interpolation={how}")
    scales = call.constant("scales", np.array([1, 1, *layer.size], np.float32))
    return call.node("Resize", [call.input(), "", scales], **modes[how])


def _cropping2d(call):
    size = _map_size(call)
    (top, bottom), (left, right) = call.layer.cropping
    ends = [size[0] - bottom, size[1] - right]
    bounds = {"starts": [top, left], "ends": ends, "axes": [2, 3]}
    inputs = [
        call.constant(k, np.array(v, np.int64)) for k, v in bounds.items()
    ]
    return call.node("Slice", [call.input(), *inputs])


def _add(call):
    x, *others = call.inputs()
    for other in others:
        x = call.node("Add", [x, other])
    return x


def _weight_normalized_add(call):
    weights = keras.ops.convert_to_numpy(call.layer.effective_coefficients())
    scaled = [
        call.node("Mul", [x, call.along(f"weights_{at}", row)])
        for at, (x, row) in enumerate(zip(call.inputs(), weights))
    ]
    return call.node("Sum", scaled)


def _concatenate(call):
    axis = call.layer.axis % call.rank
    call.require(call.rank == 2 or axis == 3, f"axis={call.layer.axis}")
    return call.node("Concat", call.inputs(), axis=1)


def _one_hot(call):
    """Returns the labels: what takes the one-hots takes rows of a matrix."""
    zero = call.constant("zero", np.array(0, np.int32))
    count = call.constant("count", np.array(call.layer.num_classes, np.int32))
    labels = call.input()
    # Negative ones would count from the end.
    wrong = call.node("Less", [labels, zero])
    return call.node("Where", [wrong, count, labels])


LAYERS = {
    keras.layers.Activation: lambda call: _activated(call, call.input()),
    keras.layers.Add: _add,
    keras.layers.BatchNormalization: _affine,
    keras.layers.Concatenate: _concatenate,
    keras.layers.Conv2D: _conv2d,
    keras.layers.Conv2DTranspose: _conv2d_transpose,
    keras.layers.Cropping2D: _cropping2d,
    keras.layers.Dense: _dense,
    keras.layers.Flatten: _reshape,
    keras.layers.LeakyReLU: _leaky_relu,
    keras.layers.PReLU: _prelu,
    keras.layers.ReLU: _relu,
    keras.layers.Rescaling: _rescaling,
    keras.layers.Reshape: _reshape,
    keras.layers.UpSampling2D: _up_sampling2d,
    layers.Affine: _affine,
    layers.ConditionalBatchNormalization: _conditional_batch_normalization,
    layers.LayerNormalization: _layer_normalization,
    layers.OneHot: _one_hot,
    layers.TPReLU: _tprelu,
    layers.TReLU: _trelu,
    layers.WeightNormalizedAdd: _weight_normalized_add,
}
