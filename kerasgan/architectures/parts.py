"""What the architectures have in common: both ends, and doubling a map."""

import functools

import keras

from kerasgan.layers import BilinearUpSampling2D

UPSAMPLINGS = ("transposed", "nearest", "bilinear")
RESIZES = {
    "nearest": functools.partial(
        keras.layers.UpSampling2D, data_format="channels_last"
    ),
    "bilinear": BilinearUpSampling2D,
}


def normalized(x, norm, name, bare=False):
    """`x` behind the normalization layer of `norm`, if it has one."""
    if bare or norm.normalize is None:
        return x
    return norm.normalize(f"{name}_normalization")(x)


def stem(latents, norm, shape, activate, affine=False):
    """A generator's first map, of that shape, from the latents."""
    height, width, channels = shape
    x = norm.dense(height * width * channels, affine=affine, name="stem")(
        latents
    )
    x = keras.layers.Reshape(shape, name="stem_map")(x)
    return activate("stem_activation")(normalized(x, norm, "stem"))


def double(x, channels, norm, upsampling, name, **flags):
    """A map of twice the size: a 4x4 transposed convolution, or resized."""
    if upsampling == "transposed":
        return norm.transposed(
            channels, 4, 2, "same", name=f"{name}_transposed", **flags
        )(x)
    x = RESIZES[upsampling](2, name=f"{name}_resize")(x)
    return norm.convolution(
        channels, 3, 1, "same", name=f"{name}_convolution", **flags
    )(x)


def pad(x, margin, name):
    """`x` with `(rows, columns)` of zeros more at either end."""
    if not any(margin):
        return x
    return keras.layers.ZeroPadding2D(
        margin, data_format="channels_last", name=f"{name}_pad"
    )(x)


def crop(x, margin, name):
    """`x` with `(rows, columns)` less at either end."""
    if not any(margin):
        return x
    return keras.layers.Cropping2D(
        margin, data_format="channels_last", name=f"{name}_crop"
    )(x)


def images(x, norm):
    """A generator's pictures in [-1, 1], from what its last layer gives."""
    # Pictures are float32 also where the network computes in half precision.
    if norm.picture_scale != 1:
        x = keras.layers.Rescaling(
            norm.picture_scale, dtype="float32", name="picture_scale"
        )(x)
    return keras.layers.Activation("tanh", dtype="float32", name="images")(x)


def logits(x, norm, scale=None):
    """A discriminator's logits, from its last map, at first times `scale`."""
    size = x.shape[1:3]
    gain = {} if scale is None else {"gain": scale}
    x = norm.convolution(1, size, 1, "valid", affine=True, name="head", **gain)(
        x
    )
    return keras.layers.Reshape((1,), dtype="float32", name="logits")(x)
