"""The base class of the convolution and the transposed convolution."""

import math

import keras

from kerasgan.layers.weight_normalized import WeightNormalized


class WeightNormalizedConvolution(WeightNormalized):
    """Arguments, shapes and configuration of a two-dimensional convolution."""

    def __init__(
        self, filters, kernel_size, strides=(1, 1), padding="valid", **kwargs
    ):
        super().__init__(**kwargs)
        if not isinstance(filters, int) or filters < 1:
            raise ValueError(
                "Argument `filters` must be a positive integer. "
                f"Received: filters={filters}"
            )
        if padding not in ("valid", "same"):
            raise ValueError(
                "Argument `padding` must be 'valid' or 'same'. "
                f"Received: padding={padding}"
            )
        self.filters = filters
        self.kernel_size = _pair(kernel_size, "kernel_size")
        self.strides = _pair(strides, "strides")
        self.padding = padding
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def kernel_shape(self, channels):
        """Returns the raw weight's shape for this many input channels."""
        return (*self.kernel_size, channels, self.filters)

    def build(self, input_shape):
        channels = input_shape[-1]
        self.add_weights(
            self.kernel_shape(channels),
            channels * math.prod(self.kernel_size),
            self.filters,
        )
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})
        self.built = True

    def plain_config(self):
        return {**super().plain_config(), "data_format": "channels_last"}

    def get_config(self):
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }


def _pair(value, name):
    pair = (value, value) if isinstance(value, int) else tuple(value)
    if len(pair) != 2 or any(not isinstance(i, int) or i < 1 for i in pair):
        raise ValueError(
            f"Argument `{name}` must be a positive integer or a pair of them. "
            f"Received: {name}={value}"
        )
    return pair
