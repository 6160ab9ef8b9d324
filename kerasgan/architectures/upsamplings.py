"""The upsamplings of the table: each makes a map of twice the size."""

import functools

import keras

from kerasgan.layers import BilinearUpSampling2D

RESIZES = {
    "nearest": functools.partial(
        keras.layers.UpSampling2D, data_format="channels_last"
    ),
    "bilinear": BilinearUpSampling2D,
}


def transposed(x, channels, norm, name, **flags):
    return norm.transposed(
        channels, 4, 2, "same", name=f"{name}_transposed", **flags
    )(x)


def _resized(upsampling, x, channels, norm, name, **flags):
    x = RESIZES[upsampling](2, name=f"{name}_resize")(x)
    return norm.convolution(
        channels, 3, 1, "same", name=f"{name}_convolution", **flags
    )(x)


nearest = functools.partial(_resized, "nearest")
bilinear = functools.partial(_resized, "bilinear")
