"""Losses, normalizations, penalties and augmentations together, by `fit`."""

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, images
from written_gan import SHAPE, check_written, dense_networks, quickly_compiled

from kerasgan import gans
from kerasgan.architectures import NORMALIZATIONS

# On JAX ten steps of every loss equal these: test_backends_agree.py.
pytestmark = pytest.mark.one_backend

PENALTIES = [
    (),
    (gans.GradientPenalty(),),
    (gans.R1(interval=2),),
    (gans.DRAGAN(),),
    (gans.Orthonormal(), gans.R1()),
    (gans.PathLength(), gans.R1(interval=2)),
]
AUGMENTATIONS = [
    lambda: None,
    gans.DiffAugment,
    lambda: gans.DiffAugment(["color"]),
    lambda: gans.AdaptiveAugment(ramp=100, interval=1, target=-0.9),
]


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@pytest.mark.parametrize("loss", gans.LOSSES)
@quickly_compiled()
def test_losses_with_normalizations(loss):
    """Finite, and both networks move.

    Every second normalization, so that each meets three or four losses; the
    penalties, augmentations and orders of the updates take turns. On JAX, which
    compiles for much longer, one normalization for each loss.
    """
    start = list(gans.LOSSES).index(loss)
    names = list(NORMALIZATIONS)[start % 2 :: 2]
    eagerly = keras.backend.backend() == "tensorflow"
    if not eagerly:
        names = [names[start // 2 % 3]]
    for i, normalization in enumerate(names, start):
        networks = gan_models.tiny_networks(normalization=normalization)
        gan = gans.LOSSES[loss](
            *networks,
            penalties=PENALTIES[i % len(PENALTIES)],
            augmentation=AUGMENTATIONS[i % len(AUGMENTATIONS)](),
            update=["alternating", "simultaneous"][i // 2 % 2],
        )
        gan.compile(
            keras.optimizers.Adam(0.01),
            keras.optimizers.Adam(0.01),
            run_eagerly=eagerly,
        )
        before = [network.get_weights() for network in networks]
        history = gan.fit(images(4, SHAPE), batch_size=2, verbose=0).history
        assert np.isfinite(list(history.values())).all(), history
        for network, weights in zip(networks, before):
            moves = [
                np.abs(new - old).max()
                for new, old in zip(network.get_weights(), weights)
            ]
            assert np.isfinite(moves).all(), normalization
            assert max(moves) > 5e-3, normalization


# Loss, normalizations of both networks, and the arguments.
STEPS = [
    (
        "wasserstein_gp",
        ("batch", "weight"),
        {
            "discriminator_steps": 2,
            "augmentation": gans.DiffAugment(["color", "translation"]),
        },
    ),
    (
        "relativistic",
        ("none", "spectral"),
        {
            "penalties": [gans.R1(1.0, interval=3), gans.GradientPenalty(0.3)],
            "augmentation": gans.DiffAugment(["color"]),
            "first_step": 3,
        },
    ),
    (
        "wasserstein",
        ("weight", "batch"),
        {
            "clip": 0.1,
            "discriminator_steps": 3,
            "penalties": [gans.Orthonormal(1e-2)],
        },
    ),
    (
        "hinge",
        ("layer", "none"),
        {"penalties": [gans.DRAGAN(0.5), gans.R1(5.0, interval=2)]},
    ),
]


@pytest.mark.integration
@pytest.mark.parametrize("loss, normalizations, options", STEPS)
def test_steps(loss, normalizations, options):
    """Logs and weights are those of the same step written out."""
    logs = check_written(gans.LOSSES[loss], normalizations, **options)
    assert "penalty" not in logs or logs["penalty"] > 1e-3


@pytest.mark.integration
@quickly_compiled()
def test_lazy_penalties():
    """In every third step three times as strong, else not at all."""

    def run(interval, rate=0.0):
        gan = gans.HingeGAN(
            *dense_networks(), penalties=[gans.R1(2.0, interval=interval)]
        )
        gan.compile(*(keras.optimizers.SGD(rate) for _ in range(2)))
        history = gan.fit(images(BATCH, SHAPE), epochs=4, verbose=0).history
        return history["penalty"]

    always = run(1)
    assert always[0] > 0.01
    np.testing.assert_allclose(always, 4 * always[:1], rtol=1e-5)
    expected = np.array([3, 0, 0, 3]) * always
    np.testing.assert_allclose(run(3), expected, rtol=1e-5)


def test_between_lazy_penalties_nothing_is_penalized():
    """A step is the one without a penalty."""
    logs = check_written(
        gans.LeastSquaresGAN,
        ("none", "none"),
        first_step=2,
        penalties=[gans.R1(5.0, interval=3)],
    )
    assert logs["penalty"] == 0


class Gray(gans.DiffAugment):
    """Leaves nothing of a picture."""

    def apply(self, images, drawn):
        return 0.0 * images


def test_everything_that_the_discriminator_sees_is_augmented():
    gan = gan_models.linear_gan(
        augmentation=Gray(), penalties=[gans.R1(1.0)], ema_decay=None
    )
    gan.table = gan_models.table(1)
    before = gan.generator.get_weights()[0], gan.discriminator.get_weights()[0]
    logs = gan.fit(images(BATCH), batch_size=BATCH, verbose=0).history
    assert logs["real_logits"] == logs["fake_logits"] == logs["penalty"] == [0]
    np.testing.assert_array_equal(gan.generator.get_weights()[0], before[0])
    np.testing.assert_array_equal(gan.discriminator.get_weights()[0], before[1])


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@quickly_compiled()
def test_penalties_leave_statistics_alone():
    def statistics(penalties):
        networks = dense_networks("batch", "batch")
        gan = gans.HingeGAN(*networks, penalties=penalties)
        gan.compile(*(keras.optimizers.SGD(0.0) for _ in range(2)))
        before = gan.discriminator.get_weights()
        gan.fit(images(BATCH, SHAPE), batch_size=BATCH, verbose=0)
        weights = gan.discriminator.get_weights()
        moved = [(a != b).any() for a, b in zip(before, weights)]
        assert sum(moved) == 2
        return [w for w, changed in zip(weights, moved) if changed]

    every = [gans.GradientPenalty(), gans.R1(interval=2), gans.DRAGAN()]
    for a, b in zip(statistics(()), statistics(every), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize("length", [1.0, 0.0])
def test_linear_critics(length):
    """The penalty is 0 at slope 1, and 1 without a gradient at slope 0."""

    def after(base, **options):
        generator, discriminator = gan_models.linear_networks()
        (w,) = discriminator.get_weights()
        discriminator.set_weights([length * w / np.linalg.norm(w)])
        gan = base(generator, discriminator, **options)
        gan.compile(*(keras.optimizers.SGD(0.1) for _ in range(2)))
        logs = gan.fit(images(BATCH), batch_size=BATCH, verbose=0).history
        return logs, discriminator.get_weights()[0]

    logs, weights = after(gans.WassersteinGPGAN)
    np.testing.assert_allclose(logs["penalty"], 10 * (1 - length), atol=1e-10)
    _, expected = after(gans.WassersteinGPGAN, penalties=())
    assert np.abs(weights).max() > 1e-3
    np.testing.assert_allclose(weights, expected, rtol=1e-4, atol=1e-6)


def test_a_penalty_through_layer_normalization():
    check_written(gans.WassersteinGPGAN, ("none", "layer"))


@pytest.mark.integration
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_a_lazy_penalty_behind_moved_pictures(update):
    gan = gans.HingeGAN(
        *gan_models.tiny_networks(normalization="none"),
        penalties=[gans.R1(1.0, interval=2)],
        augmentation=gans.DiffAugment(),
        update=update,
    )
    gan.compile("sgd", "sgd")
    history = gan.fit(images(2 * BATCH, SHAPE), batch_size=BATCH, verbose=0)
    assert np.isfinite(list(history.history.values())).all()
    assert history.history["penalty"][0] > 0
