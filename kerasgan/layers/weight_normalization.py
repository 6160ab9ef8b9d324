import contextlib

import keras
from keras import ops

from kerasgan.layers.reparametrization import (
    at_least_float32,
    divide_by_norm,
)
from kerasgan.layers.reparametrization_wrapper import (
    ReparametrizationWrapper,
    raw,
)
from kerasgan.utils.typing import Any, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WeightNormalization(ReparametrizationWrapper):
    """A layer whose kernel is split into directions and lengths.

    `kernel_o = g_o v_o / ||v_o||` for each output unit o, where the norm runs
    over all other axes (of a transposed convolution's kernel, too). v is the
    wrapped layer's own weight, g is trained too and equals ||v|| at the start,
    so that the layer begins as the one that it wraps.

    With `data_init` the first batch in training mode sets lengths and biases
    so that each unit's pre-activation t = v . x / ||v|| gets mean 0 and
    standard deviation 1 on that batch: g = 1 / std(t), bias = -mean(t) /
    std(t). (Without a bias the mean stays, and a unit that is constant on the
    batch stays as it is; under tf.distribute it is the mean over what each
    replica's own batch gives.) A training step may not assign to
    trained weights on every backend, so that what the batch sets is kept
    separately: `effective_g = g + g_offset`, `effective_bias = bias +
    bias_offset`. The gradients are those of g and bias themselves.

    Args:
        layer: a Dense, Conv1D, Conv2D, Conv3D, Conv1DTranspose,
            Conv2DTranspose or Conv3DTranspose of Keras.
        data_init: whether the first training batch sets lengths and biases.
            Defaults to `True`.

    Input and output shape: those of the wrapped layer.

    Attributes:
        kernel: the raw weight v.
        g: the trained lengths, `[out]`.
        initialized: whether the first batch has been seen (with `data_init`).

    Raises:
        ValueError: another kind of layer.

    Example:
        >>> layer = kerasgan.layers.WeightNormalization(keras.layers.Dense(3))
        >>> tuple(layer(np.ones((2, 5), "float32")).shape)
        (2, 3)

    Reference:
        Salimans & Kingma, Weight Normalization, arXiv 1602.07868, equations 2,
        6 and 7.
    """

    def __init__(
        self, layer: keras.Layer, data_init: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(layer, **kwargs)
        self.data_init = data_init

    def build(self, input_shape: Shape | None = None) -> None:
        super().build(input_shape)
        units = (self.kernel.shape[self.output_axis],)
        self.g = self.add_weight(
            name="g",
            shape=units,
            initializer=lambda shape, dtype: ops.cast(self._norms(), dtype),
            autocast=False,
        )
        if not self.data_init:
            return
        offset = {
            "shape": units,
            "initializer": "zeros",
            "trainable": False,
            "autocast": False,
            # Of the replicas' own batches.
            "aggregation": "mean",
            "dtype": keras.backend.result_type(self.kernel.dtype, "float32"),
        }
        self.g_offset = self.add_weight(name="g_offset", **offset)
        self.bias_offset = None
        if self.layer.use_bias:
            self.bias_offset = self.add_weight(name="bias_offset", **offset)
        self.initialized = self.add_weight(
            name="initialized",
            shape=(),
            dtype="bool",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if training and self.data_init and self.trainable:
            self._initialize(inputs)
        values = [(self.kernel, self.effective_kernel())]
        if self.layer.use_bias:
            values.append((self.layer.bias, self.effective_bias))
        return self.call_with(inputs, values)

    @property
    def effective_g(self) -> Tensor:
        """Returns the lengths of the kernel's units, `[out]`."""
        g = raw(self.g)
        return g + self.g_offset if self.data_init else g

    @property
    def effective_bias(self) -> Tensor | None:
        """Returns what is added to the outputs, `[out]`; None without a bias."""
        if not self.layer.use_bias:
            return None
        bias = raw(self.layer.bias)
        return bias + self.bias_offset if self.data_init else bias

    def compute_kernel(self) -> Tensor:
        return self._directions() * self._along(self.effective_g)

    def plain(self) -> keras.Layer:
        layer = super().plain()
        if self.layer.use_bias:
            layer.bias.assign(self.effective_bias)
        return layer

    def _along(self, vector):
        shape = [1] * len(self.kernel.shape)
        shape[self.output_axis] = -1
        return ops.reshape(vector, shape)

    def _directions(self):
        return divide_by_norm(self.weight, self.output_axis, epsilon=1e-8)

    def _norms(self):
        axes = list(range(len(self.kernel.shape)))
        del axes[self.output_axis]
        return ops.sqrt(ops.sum(ops.square(self.weight), axis=axes))

    def _initialize(self, inputs):
        """Set the offsets, if this is the first batch."""
        offsets = [self.g_offset]
        if self.bias_offset is not None:
            offsets.append(self.bias_offset)
        values = ops.cond(
            ops.equal(self.initialized, True),
            lambda: [offset.value for offset in offsets],
            lambda: self._fresh_offsets(inputs)[: len(offsets)],
        )
        for offset, value in zip(offsets, values):
            offset.assign(value)
        self.initialized.assign(ops.ones((), dtype="bool"))

    def _fresh_offsets(self, inputs):
        values = [(self.kernel, self._directions())]
        if self.layer.use_bias:
            values.append(
                (self.layer.bias, ops.zeros(self.g.shape, self.g.dtype))
            )
        # Not by `call_with`: a loss must not leave the branch of a condition.
        with _linear(self.layer), self.substituted(values):
            outputs = at_least_float32(self.layer(inputs))
        outputs = ops.stop_gradient(outputs)
        axes = list(range(len(outputs.shape)))
        first = getattr(self.layer, "data_format", None) == "channels_first"
        del axes[1 if first else -1]
        mean, variance = ops.moments(outputs, axes)
        # A constant unit, or a single example, does not determine a length.
        varies = variance > 1e-10
        g = ops.rsqrt(ops.where(varies, variance, ops.ones_like(variance)))
        offsets = [g - raw(self.g)]
        if self.layer.use_bias:
            offsets.append(-mean * g - raw(self.layer.bias))
        return [
            ops.stop_gradient(ops.where(varies, offset, ops.zeros_like(offset)))
            for offset in offsets
        ]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_init": self.data_init}


@contextlib.contextmanager
def _linear(layer):
    """Takes the activation off the layer, inside the block."""
    activation = layer.activation
    layer.activation = keras.activations.linear
    try:
        yield
    finally:
        layer.activation = activation
