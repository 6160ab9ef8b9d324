"""Tiny GANs for the tests, and a step of one written out in numpy."""

import contextlib
import math
from unittest import mock

import keras
import numpy as np
import pytest
from keras import ops

from kerasgan.architectures import dcgan
from kerasgan.gans import NonSaturatingGAN

LATENTS, PIXELS = 3, 4
BATCH = 8
# A step or two take less time than a graph of them, where that is not the
# point; JAX compiles a step sooner than all of its operations.
EAGERLY = keras.backend.backend() == "tensorflow"


def images(count, shape=(2, 2, 1), seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, *shape)).astype("float32")


def linear_networks():
    """G(z) = z A, D(x) = x w, with numpy weights."""
    z = keras.Input((LATENTS,))
    x = keras.layers.Dense(PIXELS, use_bias=False)(z)
    generator = keras.Model(z, keras.layers.Reshape((2, 2, 1))(x))
    x = keras.Input((2, 2, 1))
    y = keras.layers.Dense(1, use_bias=False)(keras.layers.Flatten()(x))
    discriminator = keras.Model(x, y)
    rng = np.random.default_rng(1)
    generator.set_weights([rng.normal(size=(LATENTS, PIXELS))])
    discriminator.set_weights([rng.normal(size=(PIXELS, 1))])
    return generator, discriminator


def stateful_networks(policy="float32"):
    """Small networks with statistics and with a random generator."""
    layers = keras.layers
    z = keras.Input((LATENTS,))
    x = layers.Dense(PIXELS, dtype=policy)(z)
    x = layers.BatchNormalization(momentum=0.9, dtype=policy)(x)
    generator = keras.Model(z, layers.Reshape((2, 2, 1), dtype="float32")(x))
    x = keras.Input((2, 2, 1))
    y = layers.Dense(6, dtype=policy)(layers.Flatten(dtype=policy)(x))
    y = layers.Dropout(0.3, dtype=policy)(layers.LeakyReLU(dtype=policy)(y))
    discriminator = keras.Model(x, layers.Dense(1, dtype="float32")(y))
    return generator, discriminator


class Rows(keras.utils.PyDataset):
    """Batches of the rows of some arrays, as tuples."""

    def __init__(self, *arrays, **options):
        super().__init__(**options)
        self.arrays = arrays

    def __len__(self):
        return -(-len(self.arrays[0]) // BATCH)

    def __getitem__(self, index):
        rows = slice(index * BATCH, (index + 1) * BATCH)
        return tuple(array[rows] for array in self.arrays)


def generated(*arrays):
    """The same batches, once."""
    rows = Rows(*arrays)
    return (rows[i] for i in range(len(rows)))


def dataset(*arrays):
    """The same batches of a tf.data.Dataset, those of one array bare."""
    tf = pytest.importorskip(
        "tensorflow",
        reason="a tf.data.Dataset is of TensorFlow",
        exc_type=ImportError,
    )
    tensors = arrays if len(arrays) > 1 else arrays[0]
    return tf.data.Dataset.from_tensor_slices(tensors).batch(BATCH)


def of_unknown_shape(rows):
    """A tf.data.Dataset that knows neither its length nor its rank."""
    data = dataset(rows).filter(lambda *_: True)

    import tensorflow as tf

    return data.map(lambda x: tf.numpy_function(lambda y: y, [x], x.dtype))


class FedGAN(NonSaturatingGAN):
    """Takes its latents from a table instead of drawing them.

    `table` is [steps, turns, share, latents].
    """

    table = None
    turn = 0

    def _latents(self, batch_size, seeds=None):
        # This line runs when a step is traced, which is always whole steps.
        turn = self.turn % self.table.shape[1]
        self.turn += 1
        row = ops.take(ops.convert_to_tensor(self.table), self.steps, axis=0)
        return row[turn]


def table(steps, turns=2, share=BATCH, size=LATENTS, seed=2):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(steps, turns, share, size)).astype("float32")


def fed(gan, latents):
    gan.table = latents
    return gan


def linear_gan(rates=(0.5, 0.3), **options):
    """A compiled FedGAN of the linear networks; rates of generator first."""
    gan = FedGAN(*linear_networks(), **options)
    gan.compile(*(keras.optimizers.SGD(rate) for rate in rates))
    return gan


def tiny_networks(policy="float32", **options):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        return dcgan(
            (8, 8, 3), **{"latent_dim": LATENTS, "features": 2, **options}
        )
    finally:
        keras.config.set_dtype_policy(before)


def set_numpy_weights(model, seed=0):
    """The same weights on every backend."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if "float" not in weight.dtype:
            continue
        value = 0.3 * rng.standard_normal(weight.shape)
        if "variance" in weight.path:
            value = 1.0 + value**2
        weight.assign(value.astype("float32"))
    return model


@contextlib.contextmanager
def numbers_from_tables():
    """What is drawn inside is the same on every backend.

    The rows of two tables, in turn; each seed generator begins at the first.
    """
    rng = np.random.default_rng(3)
    tables = {
        "normal": rng.normal(size=(97, BATCH * 192)),
        "uniform": rng.uniform(size=(97, BATCH * 192)),
    }

    def from_table(table):
        def draw(shape, dtype="float32", seed=None):
            turn = ops.cast(seed.next()[1], "int32") % len(table)
            row = ops.take(ops.convert_to_tensor(table), turn, axis=0)
            return ops.reshape(row[: math.prod(shape)], shape)

        return draw

    with contextlib.ExitStack() as stack:
        for name, table in tables.items():
            draw = from_table(table.astype("float32"))
            stack.enter_context(mock.patch.object(keras.random, name, draw))
        yield


def state(gan):
    """Every variable of a GAN's training, by path."""
    variables = [*gan.variables, *gan.optimizer.variables]
    evaluation = gan.evaluation_seeds.state
    variables = [v for v in variables if v is not evaluation]
    return {f"{i} {v.path}": v.numpy().copy() for i, v in enumerate(variables)}


def assert_same_state(a, b):
    a, b = state(a), state(b)
    for (name, x), y in zip(a.items(), b.values(), strict=True):
        np.testing.assert_array_equal(x, y, err_msg=name)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(x))


class NumpyGAN:
    """The linear GAN with its gradients written out, in float64."""

    def __init__(self, gan, rates=(0.5, 0.3)):
        self.a = gan.generator.get_weights()[0].astype("float64")
        self.w = gan.discriminator.get_weights()[0].astype("float64")
        self.rates = rates

    def discriminator_step(self, real, z):
        real, fake = real.reshape(len(real), -1), z @ self.a
        on_real, on_fake = real @ self.w, fake @ self.w
        loss = softplus(-on_real).mean() + softplus(on_fake).mean()
        gradient = (
            fake.T @ sigmoid(on_fake) - real.T @ sigmoid(-on_real)
        ) / len(real)
        self.w = self.w - self.rates[1] * gradient
        return loss, on_real.mean(), on_fake.mean()

    def generator_step(self, z):
        on_fake = z @ self.a @ self.w
        gradient = z.T @ (-sigmoid(-on_fake) / len(z) * self.w.T)
        self.a = self.a - self.rates[0] * gradient
        return softplus(-on_fake).mean()
