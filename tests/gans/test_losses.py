import numpy as np

from kerasgan.gans import losses

REAL = np.array([[0.3], [-2.0], [40.0], [-40.0]])
FAKE = np.array([[1.5], [0.0], [-30.0], [50.0]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_non_saturating_discriminator():
    loss = losses.non_saturating_discriminator(
        REAL.astype("float32"), FAKE.astype("float32")
    )
    assert loss.shape == ()
    expected = (
        -np.log(sigmoid(REAL)).mean() - np.log(1 - sigmoid(FAKE[:3])).sum() / 4
    )
    # 1 - sigmoid(50) is 0 in float64, and its logarithm -50.
    expected += 50 / 4
    np.testing.assert_allclose(loss, expected, rtol=1e-6)


def test_non_saturating_generator():
    loss = losses.non_saturating_generator(FAKE.astype("float32"))
    assert loss.shape == ()
    np.testing.assert_allclose(loss, -np.log(sigmoid(FAKE)).mean(), rtol=1e-6)


def test_a_discriminator_that_knows_nothing():
    zeros = np.zeros((3, 1), "float32")
    np.testing.assert_allclose(
        losses.non_saturating_discriminator(zeros, zeros), 2 * np.log(2), 1e-6
    )
    np.testing.assert_allclose(
        losses.non_saturating_generator(zeros), np.log(2), 1e-6
    )


def test_gradients_of_sure_logits(gradients):
    """The generator learns where the discriminator is sure; nothing overflows."""
    logits = np.array([[-200.0], [0.0], [200.0]], "float32")
    (g,) = gradients(losses.non_saturating_generator, logits)
    np.testing.assert_allclose(3 * g, [[-1], [-0.5], [0]], atol=1e-6)
    real, fake = gradients(losses.non_saturating_discriminator, logits, logits)
    np.testing.assert_allclose(3 * real, [[-1], [-0.5], [0]], atol=1e-6)
    np.testing.assert_allclose(3 * fake, [[0], [0.5], [1]], atol=1e-6)
