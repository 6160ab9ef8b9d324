"""Networks whose second derivatives a penalty would get wrong."""

import re

import keras
import numpy as np
from keras import ops

from kerasgan import layers as own
from kerasgan.gans import autodiff
from kerasgan.gans.augmentation import AdaptiveAugment, DiffAugment
from kerasgan.layers import substituted
from kerasgan.utils import classes, networks
from kerasgan.utils.private_names import flatten_layers

# Of these the second derivatives are right (a test holds each against
# differences), so that the tracing can be spared, which takes seconds for a
# deep network. Whatever is not here is traced.
KNOWN = frozenset(
    {
        *(kind for kind in vars(own).values() if isinstance(kind, type)),
        keras.layers.InputLayer,
        *(keras.layers.Activation, keras.layers.LeakyReLU, keras.layers.PReLU),
        *(keras.layers.ReLU, keras.layers.Add, keras.layers.Dense),
        *(keras.layers.Concatenate, keras.layers.Multiply, keras.layers.Dot),
        *(keras.layers.Conv2D, keras.layers.Conv2DTranspose),
        *(keras.layers.AveragePooling2D, keras.layers.MaxPooling2D),
        *(keras.layers.GlobalAveragePooling2D, keras.layers.Dropout),
        *(keras.layers.Flatten, keras.layers.Reshape, keras.layers.Rescaling),
        *(keras.layers.ZeroPadding2D, keras.layers.Cropping2D),
        keras.layers.UpSampling2D,
        *(keras.layers.BatchNormalization, keras.layers.LayerNormalization),
    }
)
KNOWN_ACTIVATIONS = frozenset(
    {"elu", "gelu", "leaky_relu", "linear", "relu", "selu", "sigmoid", "silu"}
    | {"softplus", "tanh"}
)


def check_derivatives(gan):
    """Reject networks without the second derivatives that a penalty needs.

    A penalty that differentiates by a network's inputs is itself differentiated
    by the weights. TensorFlow has not every second derivative: it takes a
    missing one as 0 without a word, or fails in the first step. On JAX all are
    there.

    Args:
        gan: a `GAN`. Nothing is computed; a network is traced if it has such a
            penalty and holds a layer that is not known.

    Raises:
        ValueError: such an operation is in a layer of a network, which is named.
    """
    for network, function, penalties, augmentation in (
        (
            gan.discriminator,
            lambda images, labels: _logits(gan, images, labels),
            gan.discriminator_penalties,
            gan.augmentation,
        ),
        (
            gan.generator,
            lambda latents, labels: gan.generator(
                networks.with_labels(latents, labels), training=True
            ),
            gan.generator_penalties,
            None,
        ),
    ):
        names = [type(p).__name__ for p in penalties if p.differentiates_inputs]
        if names and not (
            _is_known(network)
            and type(augmentation) in (type(None), AdaptiveAugment, DiffAugment)
        ):
            _check(network, function, names)


def _is_known(network):
    """Returns whether it is a graph of known layers and nothing else."""
    if type(network) is keras.Sequential:
        return all(map(_is_known, network.layers))
    if isinstance(network, keras.Model):
        # A subclass may compute anything. The class of a graph has no public
        # name.
        return hasattr(network, "operations") and (
            type(network) is type(keras.Model(network.inputs, network.outputs))
            and all(map(_is_known, network.operations))
        )
    activation = getattr(network, "activation", keras.activations.linear)
    return (
        type(network) in KNOWN
        and getattr(activation, "__name__", None) in KNOWN_ACTIVATIONS
        and activation is getattr(keras.activations, activation.__name__)
        # What a wrapper holds.
        and (not hasattr(network, "layer") or _is_known(network.layer))
    )


def _logits(gan, images, labels):
    noise = None
    if gan.augmentation is not None:
        sizes = ops.shape(images)[:3]
        noise = gan.augmentation.draw(*sizes, gan.noise_seeds)
    return gan._logits(images, noise, labels)


def _check(network, function, penalties):
    def traced(x):
        with substituted(), autodiff.twice_differentiable():
            return function(x, labels)

    shape, labels = networks.input_shape(network), None
    if classes.is_conditional(network):
        shape, labels = shape[0], np.zeros(2, "int32")
    # The number of images makes no difference.
    shape = (2, *shape[1:])
    missing = autodiff.without_second_derivative(traced, shape)
    if missing:
        operation, name = missing[-1]
        raise ValueError(
            f"{', '.join(penalties)} differentiates twice, and TensorFlow has no "
            f"right derivative of {operation} in {_place(network, name)}: replace "
            "that layer, or train on JAX (KERAS_BACKEND=jax). "
            f"Received: {network}"
        )


def _place(network, operation):
    """Returns the innermost layer in whose scope an operation stands."""
    layers = {layer.name: layer for layer in flatten_layers(network)}
    for scope in reversed(operation.split("/")):
        # TensorFlow numbers scopes that would have the same name.
        for name in (re.sub(r"_\d+$", "", scope), scope):
            if name in layers:
                return f"the layer {name} ({type(layers[name]).__name__})"
    return operation
