"""Warnings about networks that a GAN trains, but not as expected."""

import math
import warnings

import keras

from kerasgan.gans import autodiff
from kerasgan.gans.output_range import find_output_range
from kerasgan.utils.private_names import flatten_layers


def warn_of_networks(gan):
    """Warn of what in a GAN's networks its loss and penalties do not go with.

    Only what the layers say is looked at, and nothing is computed.

    Args:
        gan: a `GAN` with its networks and penalties.
    """
    _warn_of_logits(gan.discriminator)
    if len(gan.image_shape) == 4:
        _warn_of_images(gan.generator)
    for penalties, network, name in (
        (gan.discriminator_penalties, gan.discriminator, "discriminator"),
        (gan.generator_penalties, gan.generator, "generator"),
    ):
        _warn_of_batch_normalization(penalties, network, name)
        _warn_of_transformations(network)
        _warn_of_overwritten_kernels(network, name)


def _warn_of_logits(discriminator):
    bounds = find_output_range(discriminator)
    if bounds is None or bounds[:2] == (-math.inf, math.inf):
        return
    low, high, layer = bounds
    _warn(
        f"the discriminator's logits lie in [{low:g}, {high:g}] because of "
        f"{_activation(layer)}, but the losses expect any real number: remove "
        "that activation"
    )


def _warn_of_images(generator):
    bounds = find_output_range(generator)
    if bounds is None:
        return
    low, high, layer = bounds
    if -1.001 <= low < 0 < high <= 1.001:
        return
    _warn(
        f"the generator's images lie in [{low:g}, {high:g}] because of "
        f"{_activation(layer)}, but real images lie in [-1, 1]: end it with "
        + (
            "keras.layers.Rescaling(2, offset=-1)"
            if (low, high) == (0, 1)
            else "a tanh"
        )
    )


def _activation(layer):
    function = getattr(getattr(layer, "layer", layer), "activation", None)
    function = getattr(function, "__name__", type(layer).__name__)
    return f"layer {layer.name!r} ({function})"


def _warn_of_batch_normalization(penalties, network, name):
    penalties = [p for p in penalties if p.gradient_of_each_example]
    layers = [
        layer.name
        for layer in flatten_layers(network)
        # Where it is frozen it takes no statistics of the batch.
        if isinstance(layer, keras.layers.BatchNormalization)
        and layer.trainable
    ]
    if penalties and layers:
        _warn(
            f"{type(penalties[0]).__name__} takes a gradient of each example "
            f"by itself, but batch normalization in the {name} (layer "
            f"{layers[0]!r}) mixes the examples of a batch: use "
            "kerasgan.layers.LayerNormalization, or spectral or weight "
            "normalization, there"
        )


def _warn_of_transformations(network):
    for layer in flatten_layers(network):
        kind = type(layer).__name__
        if kind in autodiff.INEXACT_LAYERS:
            _warn(
                f"TensorFlow's gradient through layer {layer.name!r} ({kind}) "
                "is missing or inexact, and the generator is trained through it: use "
                "kerasgan.gans.DiffAugment, the argument `augmentation`, or "
                "JAX (KERAS_BACKEND=jax)"
            )
            return


def _warn_of_overwritten_kernels(network, name):
    for layer in flatten_layers(network):
        if isinstance(layer, keras.layers.SpectralNormalization):
            _warn(
                f"layer {layer.name!r} of the {name} "
                "(keras.layers.SpectralNormalization) overwrites its kernel in "
                "each call, so that the terms of a step, such as penalties, use "
                "different weights, with no gradient through the norm: use "
                "kerasgan.layers.SpectralNormalization"
            )
            return


def warn_if_frozen(gan):
    """Warn of a network that has nothing to train.

    Args:
        gan: a `GAN`.
    """
    for name in ("generator", "discriminator"):
        if not getattr(gan, name).trainable_variables:
            _warn(
                f"the {name} has no trainable weights and stays as it is: set "
                f"gan.{name}.trainable = True and call compile() again"
            )


def _warn(message):
    warnings.warn(message, stacklevel=4)
