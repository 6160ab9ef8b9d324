"""Small networks of every architecture, and what is done with them."""

import functools
import math

import keras
import numpy as np

from kerasgan.architectures import dcgan, resnet, sngan
from kerasgan.layers import OneHot

# Two levels each, on images of 16x16 pixels.
SMALL = {
    "dcgan": functools.partial(dcgan, latent_dim=5, features=4),
    "resnet": functools.partial(
        resnet, latent_dim=5, features=(4, 6), blocks=(1, 2)
    ),
    "sngan": functools.partial(sngan, latent_dim=5, network="cnn", features=4),
}


def small(architecture, image_shape=(16, 16, 3), **options):
    keras.utils.set_random_seed(0)
    return SMALL[architecture](image_shape, **options)


def call(model, x, training=False):
    """The model's output, as an array."""
    if keras.backend.backend() != "jax":
        return np.asarray(model(x, training=training))
    import jax

    # Compiled as a whole, which takes less time than op by op.
    run = jax.jit(functools.partial(model.stateless_call, training=training))
    state = [
        [variable.value for variable in variables]
        for variables in (
            model.trainable_variables,
            model.non_trainable_variables,
        )
    ]
    return np.asarray(run(*state, x)[0])


def draw(generator, count=2, seed=0):
    shape = (count, *generator.input_shape[1:])
    z = np.random.default_rng(seed).normal(size=shape)
    return call(generator, z.astype("float32"))


def judge(discriminator, count=2, seed=0, **options):
    return call(
        discriminator, random_images(discriminator, count, seed), **options
    )


def random_images(discriminator, count=2, seed=0):
    shape = (count, *discriminator.input_shape[1:])
    x = np.random.default_rng(seed).uniform(-1, 1, shape)
    return x.astype("float32")


def shake(model, seed=0):
    """Give the model weights that no initializer makes."""
    rng = np.random.default_rng(seed)
    model.set_weights(
        [w + rng.uniform(-0.2, 0.2, w.shape) for w in model.get_weights()]
    )


def names(model, part=""):
    return [layer.name for layer in model.layers if part in layer.name]


def kernels(model):
    """The layers with a kernel, by name; wrapped ones without their wrapper."""
    found = {x.name: getattr(x, "layer", x) for x in model.layers}
    return {name: x for name, x in found.items() if hasattr(x, "kernel")}


def tiny_conditional(names, latent_dim=4, image_shape=(4, 4, 3)):
    """A generator of two dense layers, with classes."""
    keras.utils.set_random_seed(0)
    latents = keras.Input((latent_dim,), name="latents")
    labels = keras.Input((), dtype="int32", name="labels")
    classes = OneHot(len(names), [*names], name="classes")(labels)
    embedded = keras.layers.Dense(latent_dim, use_bias=False, name="embedding")
    x = keras.layers.Activation("tanh")(latents + embedded(classes))
    x = keras.layers.Dense(
        math.prod(image_shape), activation="tanh", name="images"
    )(x)
    images = keras.layers.Reshape(image_shape)(x)
    return keras.Model([latents, labels], images)
