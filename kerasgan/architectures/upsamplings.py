"""The upsamplings of the table: each makes a map of twice the size."""

import keras

from kerasgan.layers import BilinearUpSampling2D


def transposed(x, channels, norm, name, **flags):
    return norm.transposed(
        channels, 4, 2, "same", name=f"{name}_transposed", **flags
    )(x)


def nearest(x, channels, norm, name, **flags):
    resize = keras.layers.UpSampling2D(
        2, data_format="channels_last", name=f"{name}_resize"
    )
    return _convolved(resize(x), channels, norm, name, **flags)


def bilinear(x, channels, norm, name, **flags):
    resize = BilinearUpSampling2D(2, name=f"{name}_resize")
    return _convolved(resize(x), channels, norm, name, **flags)


def _convolved(x, channels, norm, name, **flags):
    return norm.convolution(
        channels, 3, 1, "same", name=f"{name}_convolution", **flags
    )(x)
