"""The losses in closed form; test_oracle_losses.py has them against torch's."""

import keras
import numpy as np
import pytest
from gan_models import linear_networks
from keras import ops

from kerasgan.gans import LOSSES

every_loss = pytest.mark.parametrize("name", LOSSES)

# Pairs need as many of one kind as of the other.
REAL = np.array([[0.3], [-2.0], [40.0], [-40.0], [0.0]], "float32")
FAKE = np.array([[1.5], [0.0], [-30.0], [12.0], [-0.5]], "float32")


def both(name, **options):
    """`(real, fake) -> loss` of a class's discriminator and of its generator."""
    gan = LOSSES[name](*linear_networks(), **options)
    if gan.generator_sees_real:
        return gan.discriminator_loss, lambda real, fake: gan.generator_loss(
            fake, real
        )
    return gan.discriminator_loss, lambda real, fake: gan.generator_loss(fake)


def log_sigmoid(x):
    return -np.log1p(np.exp(-np.asarray(x, "float64")))


def cross_entropy(logits, target):
    """The mean, from probabilities, in float64."""
    return -np.mean(
        target * log_sigmoid(logits) + (1 - target) * log_sigmoid(-logits)
    )


def expected(name):
    """Both losses of REAL and FAKE."""
    if name in ("minimax", "non_saturating"):
        on_fake = cross_entropy(FAKE, 0)
        return (
            cross_entropy(REAL, 1) + on_fake,
            -on_fake if name == "minimax" else cross_entropy(FAKE, 1),
        )
    if name == "relativistic":
        # The means are (0.3 - 2 + 40 - 40) / 5 and (1.5 - 30 + 12 - 0.5) / 5.
        real, fake = REAL + 3.4, FAKE + 0.34
        return (
            cross_entropy(real, 1) + cross_entropy(fake, 0),
            cross_entropy(fake, 1) + cross_entropy(real, 0),
        )
    if name == "relativistic_pairing":
        differences = np.array([-1.2, -2, 70, -52, 0.5])
        return cross_entropy(differences, 1), cross_entropy(-differences, 1)
    return {
        "least_squares": (
            (0.7**2 + 3**2 + 39**2 + 41**2 + 1) / 10
            + (1.5**2 + 30**2 + 12**2 + 0.5**2) / 10,
            (0.5**2 + 1 + 31**2 + 11**2 + 1.5**2) / 10,
        ),
        "wasserstein": (-17 / 5 + 1.7 / 5, 17 / 5),
        "hinge": (
            (0.7 + 3 + 0 + 41 + 1) / 5 + (2.5 + 1 + 0 + 13 + 0.5) / 5,
            17 / 5,
        ),
    }[name.removesuffix("_gp")]


@every_loss
def test_closed_form(name):
    for loss, value in zip(both(name), expected(name)):
        found = loss(REAL, FAKE)
        assert found.shape == ()
        np.testing.assert_allclose(found, value, rtol=1e-6)


@pytest.mark.parametrize("smoothing", [0.1, 0.4])
def test_smoothed_labels(smoothing, gradients):
    """The target of real images is 1 - s, that of generated ones stays 0."""

    loss, _ = both("non_saturating", label_smoothing=smoothing)
    np.testing.assert_allclose(
        loss(REAL, FAKE),
        cross_entropy(REAL, 1 - smoothing) + cross_entropy(FAKE, 0),
        rtol=1e-6,
    )
    # Least where D says 1 - s of a real image: smoothed labels hold it back.
    best = np.full((3, 1), np.log((1 - smoothing) / smoothing), "float32")
    (slope,) = gradients(lambda real: loss(real, FAKE), best)
    np.testing.assert_allclose(slope, 0, atol=1e-7)


LOG2 = np.log(2)


@pytest.mark.parametrize(
    "name, value, known",
    [
        ("minimax", 0, (2 * LOG2, -LOG2)),
        ("non_saturating", 0, (2 * LOG2, LOG2)),
        ("least_squares", 0.5, (0.25, 0.125)),
        ("wasserstein", 0.5, (0, -0.5)),
        ("hinge", 0, (2, 0)),
        ("relativistic", 0.5, (2 * LOG2, 2 * LOG2)),
        ("relativistic_pairing", 0.5, (LOG2, LOG2)),
    ],
)
def test_a_discriminator_that_knows_nothing(name, value, known, gradients):
    """It says the same of every image, and stays there."""
    logits = np.full((3, 1), value, "float32")
    discriminator, generator = both(name)
    found = discriminator(logits, logits), generator(logits, logits)
    np.testing.assert_allclose(found, known, rtol=1e-6, atol=1e-7)
    real, fake = gradients(discriminator, logits, logits)
    np.testing.assert_allclose(real + fake, 0, atol=1e-7)
    assert (real < 0).all()


SURE = np.array([[-200.0], [0.0], [200.0]], "float32")
SMALL = 1 / (1 + np.exp(200.0))
# Thrice the gradients at SURE: the discriminator's by real and by generated
# logits, the generator's by generated ones.
SLOPES = {
    "minimax": ([-1, -0.5, 0], [0, 0.5, 1], [0, -0.5, -1]),
    "non_saturating": ([-1, -0.5, 0], [0, 0.5, 1], [-1, -0.5, 0]),
    "least_squares": ([-201, -1, 199], [-200, 0, 200], [-201, -1, 199]),
    "wasserstein": ([-1, -1, -1], [1, 1, 1], [-1, -1, -1]),
    "hinge": ([-1, -1, 0], [0, 1, 1], [-1, -1, -1]),
    # Half of one term by the logit itself, half of the other by the mean.
    "relativistic": ([-1.5, -1, -0.5], [0.5, 1, 1.5], [-1.5, -1, -0.5]),
    # Pairs of equals.
    "relativistic_pairing": ([-0.5] * 3, [0.5] * 3, [-0.5] * 3),
}


@every_loss
def test_gradients_of_sure_logits(name, gradients):
    """Nothing overflows where the discriminator is sure, right or wrong."""
    discriminator, generator = both(name)
    found = [
        *gradients(discriminator, SURE, SURE),
        *gradients(lambda fake: generator(SURE, fake), SURE),
    ]
    for slope, three_times in zip(
        found, SLOPES[name.removesuffix("_gp")], strict=True
    ):
        np.testing.assert_allclose(
            3 * slope[:, 0], three_times, rtol=1e-6, atol=1e-6
        )


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@every_loss
def test_half_precision_is_computed_in_float32(name, dtype, gradients):
    """Squares that float16 does not hold, means that neither format resolves."""
    rng = np.random.default_rng(0)
    # Numbers that both formats hold exactly.
    real, fake = rng.integers(-200, 100, (2, 1000, 1)) / 64
    real[0], fake[0] = 400, 320
    half = [ops.cast(x, dtype) for x in (real, fake)]
    for loss in both(name):
        found = loss(*half)
        assert keras.backend.standardize_dtype(found.dtype) == "float32"
        exact = loss(real.astype("float32"), fake.astype("float32"))
        np.testing.assert_array_equal(found, exact)

        def of_half(x, y, loss=loss):
            return loss(ops.cast(x, dtype), ops.cast(y, dtype))

        for slope, peer in zip(
            gradients(of_half, real.astype("float32"), fake.astype("float32")),
            gradients(loss, real.astype("float32"), fake.astype("float32")),
        ):
            np.testing.assert_allclose(slope, peer, rtol=1e-2, atol=1e-6)


@every_loss
def test_logits_of_any_shape(name):
    """A discriminator of patches: the mean is over all of them."""
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(2, 2, 3, 4, 1)).astype("float32")
    for loss in both(name):
        np.testing.assert_allclose(
            loss(real, fake),
            loss(real.reshape(-1, 1), fake.reshape(-1, 1)),
            rtol=1e-5,
        )
