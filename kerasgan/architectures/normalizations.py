"""The table that turns a normalization's name into layers.

A new normalization is one `Normalization` here; every architecture then takes
it.
"""

import dataclasses
from collections.abc import Callable

import keras

from kerasgan import layers


@dataclasses.dataclass(frozen=True)
class Normalization:
    """How the layers of a network are made under one normalization.

    `dense`, `convolution` and `transposed` take the arguments of the Keras
    layers of those names and `last`, which is true for the layer that ends a
    network.
    """

    dense: Callable
    convolution: Callable
    transposed: Callable
    # Makes the layer between a convolution and its activation, or is None.
    normalize: Callable | None
    # Names in `ACTIVATIONS`.
    generator_activation: str
    discriminator_activation: str
    # The picture is tanh(picture_scale * x). The weight-normalized networks
    # end in 2 sigmoid(x) - 1 = tanh(x / 2), which is the paper's sigmoid on
    # [0, 1] in the range [-1, 1].
    picture_scale: float = 1.0
    # Whether the first layer's output of a discriminator is normalized too.
    normalize_first: bool = False


def _prelu(name):
    return keras.layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25),
        shared_axes=[1, 2],
        name=name,
    )


ACTIVATIONS = {
    "relu": lambda name: keras.layers.ReLU(name=name),
    "leaky_relu": lambda name: keras.layers.LeakyReLU(0.2, name=name),
    "prelu": _prelu,
    "trelu": lambda name: layers.TReLU(name=name),
    "tprelu": lambda name: layers.TPReLU(name=name),
}


def _plain(layer, initializer, bias):
    """A maker of Keras layers; `bias` says whether inner layers have one."""

    def make(*args, last=False, first=False, **kwargs):
        return layer(
            *args,
            kernel_initializer=initializer(),
            use_bias=bias or last or first,
            **kwargs,
        )

    return make


def _plain_layers(initializer, bias):
    return {
        "dense": _plain(keras.layers.Dense, initializer, bias),
        "convolution": _plain(keras.layers.Conv2D, initializer, bias),
        "transposed": _plain(keras.layers.Conv2DTranspose, initializer, bias),
    }


def _weight_normalized(layer, affine):
    def make(*args, last=False, first=False, **kwargs):
        return layer(
            *args, scale=affine or last, use_bias=affine or last, **kwargs
        )

    return make


def _weight_normalized_dense(affine):
    make = _weight_normalized(layers.WeightNormalizedDense, affine)

    def dense(*args, **kwargs):
        # The direction of a small weight turns quickly: the generator's first
        # layer starts at a hundredth (Xiang & Li).
        return make(*args, init_factor=0.01, **kwargs)

    return dense


def _weight_normalized_layers(affine):
    return {
        "dense": _weight_normalized_dense(affine),
        "convolution": _weight_normalized(
            layers.WeightNormalizedConv2D, affine
        ),
        "transposed": _weight_normalized(
            layers.WeightNormalizedConv2DTranspose, affine
        ),
    }


def _under_strategy():
    """Whether statistics must be gathered from the replicas of tf.distribute."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return tf.distribute.has_strategy()


def _batch_normalization(name):
    return keras.layers.BatchNormalization(
        momentum=0.9,
        epsilon=1e-5,
        synchronized=_under_strategy(),
        name=name,
    )


NORMALIZATIONS = {
    "none": Normalization(
        **_plain_layers(keras.initializers.GlorotUniform, bias=True),
        normalize=None,
        generator_activation="relu",
        discriminator_activation="leaky_relu",
    ),
    "batch": Normalization(
        **_plain_layers(
            lambda: keras.initializers.RandomNormal(stddev=0.02), bias=False
        ),
        normalize=_batch_normalization,
        generator_activation="relu",
        discriminator_activation="leaky_relu",
    ),
    "weight": Normalization(
        **_weight_normalized_layers(affine=False),
        normalize=None,
        generator_activation="tprelu",
        discriminator_activation="tprelu",
        picture_scale=0.5,
    ),
    "weight-affine": Normalization(
        **_weight_normalized_layers(affine=True),
        normalize=None,
        generator_activation="prelu",
        discriminator_activation="prelu",
        picture_scale=0.5,
    ),
}


def normalization(name):
    """The `Normalization` of that name.

    Raises:
        ValueError: for a name that is not in the table.
    """
    if name not in NORMALIZATIONS:
        raise ValueError(
            f"Normalization must be one of {', '.join(NORMALIZATIONS)}. "
            f"Received: normalization={name!r}"
        )
    return NORMALIZATIONS[name]


def activation(name):
    """The maker of the activation layer of that name.

    Raises:
        ValueError: for a name that is not in the table.
    """
    if name not in ACTIVATIONS:
        raise ValueError(
            f"Activation must be one of {', '.join(ACTIVATIONS)}. "
            f"Received: activation={name!r}"
        )
    return ACTIVATIONS[name]
