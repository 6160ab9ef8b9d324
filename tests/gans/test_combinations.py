"""Losses, normalizations, penalties and augmentations together, by `fit`."""

import gan_models
import numpy as np
import pytest
from gan_models import BATCH, images
from written_gan import check_written

from kerasgan import gans

# On JAX ten steps of every loss equal these: test_backends_agree.py.
pytestmark = pytest.mark.one_backend


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
    """Leaves nothing of an image."""

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


def test_a_penalty_through_layer_normalization():
    check_written(gans.WassersteinGPGAN, ("none", "layer"))
