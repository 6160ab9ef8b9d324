"""Every loss on a ring of eight Gaussians, as `benchmarks/ring.py` trains it."""

import math
import pathlib
import time

import numpy as np
import pytest
from keras import ops

from kerasgan.gans import LOSSES

pytestmark = pytest.mark.one_backend

BENCHMARKS = pathlib.Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def runs(monkeypatch):
    """The module that this and the script have in common."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import ring_runs

    return ring_runs


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_covers_the_ring_within_a_minute(loss, seed, runs):
    start = time.process_time()
    gan = runs.build(loss, seed=seed)
    history = runs.fit(gan, seed=seed)
    assert time.process_time() - start < 60
    assert np.isfinite(list(history.values())).all()
    modes, good = runs.coverage(runs.samples(gan.ema_generator))
    assert modes >= 7
    assert good >= 0.5


def test_modes_are_counted_as_said(runs):
    points = runs.ring(runs.SAMPLES)
    modes, good = runs.coverage(points)
    assert modes == 8
    # A Gaussian in the plane has 1 - exp(-9 / 2) within three deviations.
    assert good == pytest.approx(1 - math.exp(-4.5), abs=0.01)
    for few, covered in ((24, 7), (25, 8)):
        # The first mode has 24 points, one less than a hundredth, or 25.
        middles = np.repeat(runs.centers(), [few] + [353] * 7, axis=0)
        outside = np.full((2500 - len(middles), 2), 0.3)
        modes, good = runs.coverage(np.concatenate([middles, outside]))
        assert modes == covered
        assert good == pytest.approx(len(middles) / 2500)
    assert runs.coverage(1.2 * runs.centers()) == (0, 0.0)


# Where the discriminator cannot tell: its loss and the generator's, None where
# that is not determined.
STALEMATES = {
    "minimax": (math.log(4), -math.log(2)),
    "non_saturating": (math.log(4), math.log(2)),
    "least_squares": (1 / 4, 1 / 8),
    "wasserstein": (0.0, None),
    "wasserstein_gp": (0.0, None),
    "hinge": (2.0, None),
    "relativistic": (math.log(4), math.log(4)),
    "relativistic_pairing": (math.log(2), math.log(2)),
}


@pytest.mark.parametrize("loss", STALEMATES)
def test_what_the_losses_converge_to(loss, runs):
    """The constants of docs/losses.md."""
    gan = LOSSES[loss](*runs.networks(2), ema_decay=None)
    for found, expected in zip(runs.stalemate(gan), STALEMATES[loss]):
        assert found == pytest.approx(expected, abs=1e-6)


def test_what_smoothed_labels_converge_to(runs):
    gan = LOSSES["non_saturating"](*runs.networks(2), label_smoothing=0.1)
    # sigmoid(D) = (1 - s) / 2
    logits = ops.full((5, 1), math.log(0.45 / 0.55))
    loss = gan.discriminator_loss(logits, logits)
    expected = -0.9 * math.log(0.45) - 1.1 * math.log(0.55)
    assert float(loss) == pytest.approx(expected, abs=1e-6)
    assert expected == pytest.approx(1.376, abs=5e-4)
    for other in (-0.1, 0.1):
        worse = gan.discriminator_loss(logits + other, logits + other)
        assert float(worse) > expected
    assert float(gan.generator_loss(logits)) == pytest.approx(0.799, abs=5e-4)
