"""A step of any GAN of small networks, written out."""

import contextlib
import math

import keras
import numpy as np
from gan_models import BATCH, LATENTS, images, set_numpy_weights
from keras import ops

from kerasgan.layers import (
    LayerNormalization,
    SpectralNormalization,
    WeightNormalizedDense,
    reparametrizations,
)

SHAPE = (8, 8, 3)


def dense_networks(generator="none", discriminator="none"):
    """Two dense layers each, with a normalization; a generator, a critic."""
    layers = keras.layers
    z = keras.Input((LATENTS,))
    x = layers.Activation("tanh")(_dense(5, generator)(z))
    x = layers.Dense(math.prod(SHAPE), activation="tanh")(x)
    generator = keras.Model(z, layers.Reshape(SHAPE)(x))
    x = keras.Input(SHAPE)
    y = _dense(6, discriminator)(layers.Flatten()(x))
    y = layers.Dense(1)(layers.Activation("tanh")(y))
    discriminator = keras.Model(x, y)
    return set_numpy_weights(generator), set_numpy_weights(discriminator, 1)


def _dense(units, normalization):
    plain = keras.layers.Dense(units)
    if normalization == "spectral":
        return SpectralNormalization(plain)
    if normalization == "weight":
        return WeightNormalizedDense(units, scale=True, use_bias=True)
    if normalization == "none":
        return plain
    last = {
        "batch": lambda: keras.layers.BatchNormalization(momentum=0.9),
        "layer": LayerNormalization,
    }[normalization]()
    return lambda x: last(plain(x))


def _unit(x):
    return x / np.linalg.norm(x)


class Written:
    """One of `dense_networks` as a function of its trained weights."""

    def __init__(self, network, normalization):
        self.normalization = normalization
        self.weights = [v.numpy() for v in network.trainable_variables]
        for layer in network.layers:
            if normalization == "spectral" and hasattr(layer, "u"):
                # One iteration, of the weights before the step.
                w = layer.kernel.numpy()
                self.v = _unit(w @ layer.u.numpy())
                self.u = _unit(w.T @ self.v)

    def __call__(self, weights, x):
        first, *others, kernel, bias = weights
        x = ops.reshape(x, (len(x), -1))
        x = self.normalized(x, first, *others)
        return ops.matmul(ops.tanh(x), kernel) + bias

    def normalized(self, x, kernel, shift, gamma=None, beta=None):
        """`shift` is the bias, where there is one."""
        if self.normalization == "spectral":
            sigma = ops.sum(ops.matmul(self.v[None], kernel) * self.u)
            return ops.matmul(x, kernel / sigma) + shift
        if self.normalization == "weight":
            # Its variables are the kernel, gamma and beta.
            norms = ops.sqrt(ops.sum(kernel**2, axis=0))
            return ops.matmul(x, kernel / norms * shift) + gamma
        x = ops.matmul(x, kernel) + shift
        if self.normalization == "none":
            return x
        axis, epsilon = {"batch": (0, 1e-3), "layer": (1, 1e-5)}[
            self.normalization
        ]
        x = x - ops.mean(x, axis, keepdims=True)
        variance = ops.mean(x**2, axis, keepdims=True)
        return gamma * x / ops.sqrt(variance + epsilon) + beta


def _differentiate(function, weights):
    """Numbers and gradients, where `function` returns a loss and numbers."""
    if keras.backend.backend() == "jax":
        import jax

        both = jax.jit(jax.value_and_grad(function, has_aux=True))
        (_, numbers), found = both([jax.numpy.asarray(w) for w in weights])
    else:
        import tensorflow as tf

        weights = [tf.constant(w) for w in weights]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss, numbers = function(weights)
        found = tape.gradient(loss, weights, unconnected_gradients="zero")
    numbers = {name: float(value) for name, value in numbers.items()}
    return numbers, [np.asarray(gradient) for gradient in found]


class WrittenGAN:
    """A GAN of `dense_networks` whose steps are gradient descent.

    Every gradient has a pass of its own.
    """

    def __init__(self, gan, normalizations, rates):
        self.gan, self.rates = gan, rates
        self.generator = Written(gan.generator, normalizations[0])
        self.discriminator = Written(gan.discriminator, normalizations[1])
        self.latent_seeds = keras.random.SeedGenerator(gan.seed)
        self.noise_seeds = keras.random.SeedGenerator(gan.seed)
        self.steps = int(gan.steps)

    def step(self, real):
        """Returns the logs, those of several turns as a mean."""
        logs = []
        if self.gan.update == "simultaneous":
            z, drawn = self.latents(), self.draw()
            before = self.discriminator.weights
            logs.append(self.discriminator_turn(real, z, drawn))
            after = self.discriminator.weights
            self.discriminator.weights = before
            of_generator = self.generator_turn(real, z, drawn)
            self.discriminator.weights = after
        else:
            shares = real.reshape(-1, BATCH, *SHAPE)
            for share in shares:
                logs.append(
                    self.discriminator_turn(share, self.latents(), self.draw())
                )
            z, drawn = self.latents(), self.draw(penalties=False)
            of_generator = self.generator_turn(share, z, drawn)
        logs = {key: np.mean([log[key] for log in logs]) for key in logs[0]}
        return {**logs, **of_generator}

    def latents(self):
        return keras.random.normal((BATCH, LATENTS), seed=self.latent_seeds)

    def draw(self, penalties=True):
        gan, drawn = self.gan, {}
        penalties = gan.penalties if penalties else ()
        if gan.augmentation is not None:
            for name in ("real", "fake", "penalty")[: 3 if penalties else 2]:
                drawn[name] = gan.augmentation.draw(
                    BATCH, *SHAPE[:2], self.noise_seeds
                )
        image = np.zeros((BATCH, *SHAPE), "float32")
        drawn["penalties"] = [
            penalty.draw(image, image, self.noise_seeds)
            for penalty in penalties
        ]
        return drawn

    def fake(self, weights, z):
        return ops.reshape(ops.tanh(self.generator(weights, z)), (-1, *SHAPE))

    def logits(self, weights, x, noise):
        if self.gan.augmentation is not None:
            x = self.gan.augmentation.apply(x, noise)
        return self.discriminator(weights, x)

    def discriminator_turn(self, real, z, drawn):
        gan = self.gan
        real = ops.convert_to_tensor(real)

        def loss(weights):
            fake = self.fake(self.generator.weights, z)
            on_real = self.logits(weights, real, drawn.get("real"))
            on_fake = self.logits(weights, fake, drawn.get("fake"))
            value = gan.discriminator_loss(on_real, on_fake)
            penalty = ops.zeros(())
            variables = gan.discriminator.trainable_variables
            for one, noise in zip(gan.penalties, drawn["penalties"]):
                if self.steps % one.interval:
                    continue
                # Orthonormal takes the kernels from the network.
                with keras.StatelessScope(list(zip(variables, weights))):
                    penalty = penalty + one.weight * one.interval * one.compute(
                        gan.discriminator,
                        lambda x: self.logits(weights, x, drawn.get("penalty")),
                        real,
                        fake,
                        noise,
                    )
            return value + penalty, {
                "discriminator_loss": value,
                "penalty": penalty,
                "real_logits": ops.mean(on_real),
                "fake_logits": ops.mean(on_fake),
            }

        network = self.discriminator
        numbers, slopes = _differentiate(loss, network.weights)
        clip = getattr(gan, "clip", np.inf)
        network.weights = [
            np.clip(w - self.rates[1] * slope, -clip, clip)
            for w, slope in zip(network.weights, slopes)
        ]
        return numbers

    def generator_turn(self, real, z, drawn):
        of_discriminator = self.discriminator.weights

        def loss(weights):
            fake = self.fake(weights, z)
            logits = [self.logits(of_discriminator, fake, drawn.get("fake"))]
            if self.gan.generator_sees_real:
                x = ops.convert_to_tensor(real)
                logits.append(
                    self.logits(of_discriminator, x, drawn.get("real"))
                )
            value = self.gan.generator_loss(*logits)
            return value, {"generator_loss": value}

        network = self.generator
        numbers, slopes = _differentiate(loss, network.weights)
        network.weights = [
            w - self.rates[0] * slope
            for w, slope in zip(network.weights, slopes)
        ]
        return numbers


@contextlib.contextmanager
def quickly_compiled():
    """On JAX: tiny networks take longer to compile than to run."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
    try:
        yield
    finally:
        jax.config.update("jax_disable_most_optimizations", False)


@quickly_compiled()
def check_written(base, normalizations, first_step=0, **options):
    """Compares a step of `fit` with the same one written out; returns its logs."""
    rates = 0.4, 0.2
    gan = base(*dense_networks(*normalizations), **options)
    gan.compile(*(keras.optimizers.SGD(rate) for rate in rates))
    gan.steps.assign(first_step)
    peer = WrittenGAN(gan, normalizations, rates)
    count = gan.discriminator_steps * BATCH
    real = images(count, SHAPE)
    expected = peer.step(real)
    history = gan.fit(real, batch_size=count, shuffle=False, verbose=0).history
    for part in ("generator", "discriminator"):
        variables = getattr(gan, part).trainable_variables
        network = getattr(peer, part)
        weights = network.weights
        if normalizations[part == "discriminator"] == "spectral":
            (layer,) = reparametrizations(getattr(gan, part))
            variables, weights = [*variables, layer.u], [*weights, network.u]
        for variable, value in zip(variables, weights, strict=True):
            np.testing.assert_allclose(
                variable.numpy(), value, 1e-4, 1e-5, err_msg=variable.path
            )
    logs = {name: values[0] for name, values in history.items()}
    for name in {*logs} - {"augmentation_strength"}:
        np.testing.assert_allclose(
            logs[name], expected[name], 1e-4, 1e-5, err_msg=name
        )
    return logs
