"""The one mechanism behind every normalization of weights.

A reparametrized layer stores and trains a raw weight and computes the kernel
that it works with, the effective kernel, from it in `call`. The gradient flows
through that computation, and the raw weight is never assigned to.
"""

import contextlib
import math
import threading

import keras
from keras import ops

from kerasgan.utils.private_names import flatten_layers
from kerasgan.utils.thread_state import temporarily
from kerasgan.utils.typing import Any, Iterator, Sequence, Tensor

_active = threading.local()


@contextlib.contextmanager
def shared_kernels() -> Iterator[None]:
    """Compute each effective kernel once for all calls inside the block.

    A GAN's discriminator is called two or three times in one step, and its
    kernels do not change in between. Everything inside the block must belong
    to one gradient computation (one tape, one traced function), because the
    first call's kernel, with its gradient path, is what the later calls get;
    and no raw weight may be updated inside it. Blocks do not nest: the inner
    one starts afresh.
    """
    with temporarily(_active, kernels={}):
        yield


@contextlib.contextmanager
def given_kernels(
    layers: "Sequence[Reparametrization]", kernels: Sequence[Tensor]
) -> Iterator[None]:
    """Let layers work with effective kernels that were computed before.

    Args:
        layers: `Reparametrization` layers.
        kernels: the `effective_kernel()` of each.
    """
    pairs = zip(layers, kernels)
    with temporarily(_active, kernels={id(x): (x, k) for x, k in pairs}):
        yield


@contextlib.contextmanager
def one_iteration(*models: keras.Model) -> Iterator[None]:
    """Let what the models' normalizations carry along move once.

    The u of a spectral normalization moves at the start of the block, if the
    layer is trainable, and not again: all calls in training mode inside the
    block, in whatever gradient computation, see the same vectors. Raw weights
    may be updated in between.

    Args:
        *models: built Keras models or layers, at any depth of which the
            normalizations are found.

    Raises:
        ValueError: a layer is not built.
    """
    for layer in reparametrizations(*models):
        if not layer.built:
            raise ValueError(
                "one_iteration() needs built models. "
                f"Received: {layer.name}.built=False"
            )
    advanced = {
        id(layer): layer.advance()
        for layer in reparametrizations(*models)
        if layer.trainable
    }
    with temporarily(_active, advanced=advanced):
        yield


def reparametrizations(*models: keras.Model) -> "list[Reparametrization]":
    """Returns the `Reparametrization` layers of models, at any depth.

    Args:
        *models: built Keras models or layers.
    """
    all_layers = [
        layer
        for model in models
        for layer in flatten_layers(model)
        if isinstance(layer, Reparametrization)
    ]
    # A layer of two models is one layer.
    return list({id(layer): layer for layer in all_layers}.values())


class Reparametrization(keras.layers.Layer):
    """Base of the layers whose kernel is a function of a raw weight.

    A subclass defines `compute_kernel()`, which returns the effective kernel
    in the variables' dtype, and uses `effective_kernel()` in `call`. Raw
    weights are added with `autocast=False` and widened by `at_least_float32`,
    so that a norm is never computed in half precision. `plain()` is what
    `kerasgan.serving.fold` puts in the layer's place.
    """

    def compute_kernel(self) -> Tensor:
        """Computes the kernel of inference, in the dtype of the variables.

        Returns:
            A tensor of the same shape as the raw weight.
        """
        raise NotImplementedError

    def advance(self) -> Any:
        """Move what is carried along from step to step.

        Returns:
            What `advanced()` is inside the block of `one_iteration`.
        """

    def advanced(self) -> Any:
        """Returns what moved at the start of the `one_iteration` block, or None."""
        return getattr(_active, "advanced", {}).get(id(self))

    def plain(self) -> keras.Layer:
        """Returns the Keras layer that computes the same with a plain kernel.

        Returns:
            A new, built layer of the same name and dtype policy. This layer
            must be built, too, and stays as it is.
        """
        raise NotImplementedError

    def quantize(
        self, mode: Any = None, type_check: bool = True, config: Any = None
    ) -> None:
        """Raises an error: there is no kernel to quantize."""
        self.reject("quantized")

    def reject(self, what: str) -> None:
        """Raises: only the layer without its normalization can be quantized.

        Args:
            what: what cannot be done with it, such as `"quantized"`.

        Raises:
            NotImplementedError: always. The `quantize` of Keras's models warns
                of it and leaves the layer as it is.
        """
        raise NotImplementedError(
            f"{type(self).__name__} computes its kernel from a raw weight in "
            f"each call, so that it cannot be {what}; a model that "
            "kerasgan.serving.fold(model) returns, with plain layers, can. "
            f"Received: layer={self.name}"
        )

    def effective_kernel(self, **arguments: Any) -> Tensor:
        """Computes the kernel in the compute dtype, once a `shared_kernels`.

        Args:
            **arguments: those of `compute_kernel`, if it takes any.

        Returns:
            A tensor of the same shape as the raw weight.
        """
        kernels = getattr(_active, "kernels", None)
        if kernels is None:
            kernels = {}
        if id(self) not in kernels:
            kernel = ops.cast(
                self.compute_kernel(**arguments), self.compute_dtype
            )
            # With the layer, so that no other one gets its id.
            kernels[id(self)] = self, kernel
        return kernels[id(self)][1]


def at_least_float32(x):
    """Casts `x` to float32 if its format is narrower."""
    x = ops.convert_to_tensor(x)
    dtype = keras.backend.standardize_dtype(x.dtype)
    return x if dtype == "float64" else ops.cast(x, "float32")


def divide_by_norm(weight, axis, epsilon, divisor=1.0):
    """Computes `weight / (sqrt(sum(weight^2) / divisor) + epsilon)` per unit.

    Args:
        weight: the raw weight.
        axis: the output axis; the sum runs over all others.
        epsilon: added to the norm, outside the root.
        divisor: by what the sum of squares is divided.

    Returns:
        A tensor of the shape of `weight`, in float32 at least. A unit whose
        weights are all zero gives zeros, and its gradient is finite.
    """
    weight = at_least_float32(weight)
    axis %= len(weight.shape)
    before, after = weight.shape[:axis], weight.shape[axis + 1 :]
    # [before, units], or [before, units, after]: less work than in more axes.
    shape = (math.prod(before), weight.shape[axis])
    if after:
        shape = (*shape, math.prod(after))

    def units(x, y):
        """Computes the inner products of the weights of each unit."""
        products = x * y
        if after:
            products = ops.sum(products, axis=2, keepdims=True)
        return ops.sum(products, axis=0)

    # Automatic differentiation makes half as many passes again over a kernel.
    @ops.custom_gradient
    def divide(weight):
        squares = units(weight, weight) / divisor
        # The square root has an infinite derivative at zero.
        positive = squares > 0
        root = ops.sqrt(ops.where(positive, squares, ops.ones_like(squares)))
        norm = ops.where(positive, root, ops.zeros_like(root))
        inverse = 1.0 / (norm + epsilon)

        def gradient(*args, upstream=None):
            dy = args[0] if upstream is None else upstream
            along = units(dy, weight) * inverse * inverse / (root * divisor)
            along = ops.where(positive, along, ops.zeros_like(along))
            return dy * inverse - weight * along

        return weight * inverse, gradient

    return ops.reshape(divide(ops.reshape(weight, shape)), weight.shape)


class FanInUniform(keras.initializers.Initializer):
    """U(-f, f) / sqrt(fan_in), the initialization of Xiang & Li (2017).

    Args:
        fan_in: the number of inputs that the kernel connects to one output:
            input channels times kernel height times kernel width.
        factor: f.
        seed: an integer, a `keras.random.SeedGenerator` or None.
    """

    def __init__(self, fan_in, factor=1.0, seed=None):
        self.fan_in = fan_in
        self.factor = factor
        self.seed = keras.random.SeedGenerator(seed)

    def __call__(self, shape, dtype=None):
        limit = self.factor / self.fan_in**0.5
        return keras.random.uniform(
            shape, -limit, limit, dtype=dtype, seed=self.seed
        )
