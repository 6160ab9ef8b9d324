"""Simultaneous updates: one pass whose gradients are those of two.

A step of `fit` compared with `written_gan.WrittenGAN`, which differentiates each loss
in a pass of its own through networks written out, at the same old weights and
the same generated batch.
"""

import keras
import numpy as np
import pytest
from gan_models import BATCH, EAGERLY, LATENTS, images
from written_gan import SHAPE, check_written, dense_networks, quickly_compiled

from kerasgan import gans

# On JAX ten steps of every loss equal these: test_backends_agree.py.
pytestmark = pytest.mark.one_backend

# Normalization of generator and discriminator, and the arguments.
CASES = {
    "minimax": (
        ("none", "weight"),
        {
            "penalties": [gans.R1(1.0, interval=2)],
            "augmentation": gans.DiffAugment(),
        },
    ),
    "non_saturating": (
        ("batch", "spectral"),
        {"label_smoothing": 0.2, "penalties": [gans.GradientPenalty(0.5)]},
    ),
    "least_squares": (
        ("batch", "batch"),
        {
            "penalties": [gans.Orthonormal(1e-2)],
            "augmentation": gans.DiffAugment(["color", "cutout"]),
        },
    ),
    "wasserstein": (("layer", "weight"), {"clip": 0.2}),
    "wasserstein_gp": (
        ("weight", "spectral"),
        {"augmentation": gans.DiffAugment(["translation"])},
    ),
    "hinge": (
        ("spectral", "spectral"),
        {"penalties": [gans.R1(0.1), gans.DRAGAN(0.1, interval=3)]},
    ),
    "relativistic": (
        ("batch", "weight"),
        {
            "penalties": [gans.DRAGAN(0.5), gans.Orthonormal(1e-3)],
            "augmentation": gans.DiffAugment(),
        },
    ),
    "relativistic_pairing": (
        ("weight", "batch"),
        {"penalties": [gans.R1(0.1), gans.R2(0.1)]},
    ),
}


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_two_passes(name):
    normalizations, options = CASES[name]
    check_written(
        gans.LOSSES[name],
        normalizations,
        update="simultaneous",
        **options,
    )


@pytest.mark.integration
def test_with_an_augmentation_of_some_strength():
    """And a relativistic loss through batch statistics of both batches."""
    augmentation = gans.AdaptiveAugment()
    augmentation.strength.assign(0.5)
    check_written(
        gans.RelativisticGAN,
        ("batch", "batch"),
        update="simultaneous",
        augmentation=augmentation,
    )


def test_every_class_is_among_them():
    assert list(CASES) == list(gans.LOSSES)


@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@quickly_compiled()
def test_statistics_move_once():
    """The discriminator's by the real, then by the fake batch."""
    generator, discriminator = dense_networks("batch", "batch")
    seed = keras.random.SeedGenerator(0)
    latents = keras.random.normal((BATCH, LATENTS), seed=seed)
    real = images(BATCH, SHAPE)
    start = [network.get_weights() for network in (generator, discriminator)]
    means = []
    for network, batches in (
        (generator, [latents]),
        (discriminator, [real, generator(latents, training=True)]),
    ):
        kernel, bias = network.trainable_variables[:2]
        (layer,) = statistics(network)
        layer.moving_mean.assign(0 * layer.moving_mean)
        of_batches = [
            (np.reshape(x, (BATCH, -1)) @ kernel.numpy() + bias.numpy()).mean(0)
            for x in batches
        ]
        factors = (0.1,) if len(batches) == 1 else (0.09, 0.1)
        means.append(sum(f * m for f, m in zip(factors, of_batches)))
    for network, weights in zip((generator, discriminator), start):
        network.set_weights(weights)
        (layer,) = statistics(network)
        layer.moving_mean.assign(0 * layer.moving_mean)
    gan = gans.HingeGAN(
        generator,
        discriminator,
        update="simultaneous",
        penalties=[gans.R1(), gans.DRAGAN()],
    )
    gan.compile(
        *(keras.optimizers.SGD(0.0) for _ in range(2)), run_eagerly=EAGERLY
    )
    gan.fit(real, batch_size=BATCH, verbose=0)
    for network, mean in zip((generator, discriminator), means):
        (layer,) = statistics(network)
        assert np.abs(mean).max() > 0.01
        np.testing.assert_allclose(
            layer.moving_mean.numpy(), mean, rtol=1e-4, atol=1e-5
        )


def statistics(network):
    return [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]
