import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, LATENTS, PIXELS, images
from keras import ops
from written_gan import quickly_compiled

from kerasgan import gans
from kerasgan.gans import PathLength

COUNT = 5
RNG = np.random.default_rng(0)
LATENT = RNG.normal(size=(COUNT, LATENTS)).astype("float32")
NOISE = RNG.normal(size=(COUNT, 2, 2, 1)).astype("float32")
MATRIX = RNG.normal(size=(LATENTS, PIXELS)).astype("float32")


def compute(make, z=LATENT, noise=NOISE, relative=False):
    """The penalty of a function of latents to images [N, 2, 2, 1]."""
    z, noise = ops.convert_to_tensor(z), ops.convert_to_tensor(noise)
    return PathLength(relative=relative).compute(make, z, None, noise)


def flat(noise):
    return noise.reshape(len(noise), -1).astype("float64")


def linear(matrix, z):
    return ops.reshape(ops.matmul(z, matrix), (-1, 2, 2, 1))


def test_a_linear_generator():
    """Its Jacobian is its matrix at all latents."""
    value = compute(lambda z: linear(ops.convert_to_tensor(MATRIX), z))
    lengths = np.linalg.norm(flat(NOISE) @ MATRIX.T, axis=1)
    assert value.shape == () and lengths.var() > 0.1
    np.testing.assert_allclose(value, lengths.var(), rtol=1e-5)


def test_a_curved_generator():
    """The Jacobian of tanh(z A) is its own at each latent."""
    value = compute(
        lambda z: ops.tanh(linear(ops.convert_to_tensor(MATRIX), z))
    )
    slopes = 1 - np.tanh(LATENT.astype("float64") @ MATRIX) ** 2
    lengths = np.linalg.norm((flat(NOISE) * slopes) @ MATRIX.T, axis=1)
    np.testing.assert_allclose(value, lengths.var(), rtol=1e-5)


def test_gradient(gradients):
    """2/N (l - mean of l) times the gradient of l, written out."""
    (found,) = gradients(
        lambda matrix: compute(lambda z: linear(matrix, z)), MATRIX
    )
    y = flat(NOISE)
    by_latents = y @ MATRIX.T
    lengths = np.linalg.norm(by_latents, axis=1)
    weights = 2 * (lengths - lengths.mean()) / lengths / COUNT
    expected = (by_latents * weights[:, None]).T @ y
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scale", [1.0, 0.01, 30.0])
def test_relative_lengths(scale, gradients):
    """Their scale makes no difference, and gets no gradient."""

    def penalty(matrix):
        return compute(lambda z: linear(matrix, z), relative=True)

    matrix = np.float32(scale) * MATRIX
    lengths = np.linalg.norm(flat(NOISE) @ MATRIX.T, axis=1)
    expected = (lengths / lengths.mean()).var()
    value = penalty(ops.convert_to_tensor(matrix))
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    (found,) = gradients(penalty, matrix)
    # By Euler's theorem, of a function of degree 0.
    assert abs(np.sum(found * matrix)) < 1e-5
    # Against a difference in float64 along a direction.
    other = np.random.default_rng(8).normal(size=MATRIX.shape)
    ends = [
        np.linalg.norm(flat(NOISE) @ (MATRIX + h * other).T, axis=1)
        for h in (1e-5, -1e-5)
    ]
    high, low = ((end / end.mean()).var() for end in ends)
    slope = (high - low) / 2e-5
    assert abs(slope) > 0.01
    np.testing.assert_allclose(scale * np.sum(found * other), slope, rtol=1e-3)


@pytest.mark.parametrize("relative", [False, True])
def test_a_flat_generator_gets_no_gradient(relative, gradients):
    zero = np.zeros_like(MATRIX)

    def penalty(matrix):
        return compute(lambda z: linear(matrix, z), relative=relative)

    assert float(penalty(ops.convert_to_tensor(zero))) == 0
    (found,) = gradients(penalty, zero)
    np.testing.assert_array_equal(found, zero)


def test_one_flat_image_does_not_spoil_the_others(gradients):
    """Lengths 0, w and 2 w: their variance is 2/3 w^2."""
    noise = np.zeros((3, 2, 2, 1), "float32")
    noise[1, 0, 0, 0], noise[2, 0, 0, 0] = 1, 2

    def penalty(w):
        return compute(
            lambda z: linear(w * ops.eye(LATENTS, PIXELS), z), LATENT[:3], noise
        )

    (found,) = gradients(penalty, np.array(1.5, "float32"))
    np.testing.assert_allclose(found, 2 * 2 / 3 * 1.5, rtol=1e-5)


def test_what_is_drawn():
    seed = keras.random.SeedGenerator(0)
    shape = (50, 8, 4, 3)
    latents = ops.zeros((50, LATENTS))
    drawn = np.asarray(PathLength().draw(latents, ops.zeros(shape), seed))
    assert drawn.shape == shape
    assert abs(drawn.mean()) < 0.01
    np.testing.assert_allclose(drawn.var(), 1 / (8 * 4), rtol=0.05)
    again = np.asarray(PathLength().draw(latents, ops.zeros(shape), seed))
    assert (drawn != again).all()
    # Of images whose size is known only as they come.
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        unknown = tf.function(
            lambda images: PathLength().draw(latents, images, seed),
            input_signature=[tf.TensorSpec([None, None, None, 3])],
        )
        numbers = unknown(tf.zeros(shape)).numpy()
        assert numbers.shape == shape
        np.testing.assert_allclose(numbers.var(), 1 / (8 * 4), rtol=0.05)
    # Of numbers that are no image.
    numbers = PathLength().draw(latents, ops.zeros((500, 2)), seed)
    np.testing.assert_allclose(np.asarray(numbers).var(), 1, rtol=0.2)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_is_near_float32(policy):
    z = np.random.default_rng(3).normal(size=(16, LATENTS)).astype("float32")
    noise = images(16, (8, 8, 3), 4)
    values = []
    for name in ("float32", policy):
        generator, _ = gan_models.tiny_networks(name)
        gan_models.set_numpy_weights(generator)
        value = compute(lambda z: generator(z, training=True), z, noise)
        assert keras.backend.standardize_dtype(value.dtype) == "float32"
        values.append(float(value))
    assert values[0] > 1e-3
    np.testing.assert_allclose(values[1], values[0], rtol=0.1)


# In a step.


@keras.saving.register_keras_serializable("tests")
class Fed(PathLength):
    """Takes its noise from a table instead of drawing it."""

    def draw(self, latents, images, seed):
        return ops.convert_to_tensor(_noise())


def _noise():
    rng = np.random.default_rng(5)
    return rng.normal(size=(BATCH, 2, 2, 1)).astype("float32")


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@quickly_compiled()
def test_a_step_of_the_generator(update):
    """That of the loss and that of the penalty, with numbers of their own."""
    weight, rate = 0.7, 0.5
    latents = gan_models.table(1, turns=1 if update == "simultaneous" else 2)
    ends = []
    for penalties in ((), (Fed(weight),)):
        gan = gan_models.fed(
            gan_models.linear_gan(
                (rate, 0.3), penalties=penalties, update=update, ema_decay=None
            ),
            latents,
        )
        before = gan.generator.get_weights()[0]
        logs = gan.fit(images(BATCH), batch_size=BATCH, verbose=0).history
        networks = gan.generator, gan.discriminator
        ends.append((logs, *(n.get_weights()[0] for n in networks)))
    (plain, a, w), (logs, penalized, of_discriminator) = ends
    y = flat(_noise())
    by_latents = y @ before.T.astype("float64")
    lengths = np.linalg.norm(by_latents, axis=1)
    np.testing.assert_allclose(
        logs.pop("generator_penalty"), weight * lengths.var(), rtol=1e-5
    )
    weights = 2 * (lengths - lengths.mean()) / lengths / BATCH
    gradient = (by_latents * weights[:, None]).T @ y
    np.testing.assert_allclose(
        penalized, a - rate * weight * gradient, rtol=1e-4, atol=1e-5
    )
    assert np.abs(penalized - a).max() > 0.01
    # The discriminator and its log are the same.
    np.testing.assert_allclose(of_discriminator, w, rtol=1e-6)
    assert set(logs) == set(plain) and "penalty" not in logs
    for name, value in plain.items():
        np.testing.assert_allclose(logs[name], value, rtol=1e-5)


@quickly_compiled()
def test_lazily():
    """In every third step three times as strong, else not at all."""

    def run(interval):
        gan = gan_models.linear_gan(
            (0.0, 0.0), penalties=[Fed(2.0, interval=interval)]
        )
        gan.table, gan.run_eagerly = gan_models.table(4), gan_models.EAGERLY
        history = gan.fit(images(BATCH), epochs=4, batch_size=BATCH, verbose=0)
        return history.history["generator_penalty"]

    always = run(1)
    assert always[0] > 0.1
    expected = np.array([3, 0, 0, 3]) * always
    np.testing.assert_allclose(run(3), expected, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@quickly_compiled()
def test_it_leaves_statistics_alone():
    """Those of batch normalization in the generator move once a turn."""

    def statistics(penalties):
        networks = [
            gan_models.set_numpy_weights(network)
            for network in gan_models.stateful_networks()
        ]
        gan = gans.HingeGAN(*networks, penalties=penalties, seed=3)
        gan.compile(
            *(keras.optimizers.SGD(0.0) for _ in range(2)),
            run_eagerly=gan_models.EAGERLY,
        )
        before = gan.generator.get_weights()
        gan.fit(images(BATCH), batch_size=BATCH, verbose=0)
        weights = gan.generator.get_weights()
        assert sum((a != b).any() for a, b in zip(before, weights)) == 2
        return weights

    every = [PathLength(), PathLength(interval=2)]
    for a, b in zip(statistics(()), statistics(every), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_configuration():
    config = {"weight": 2.0, "interval": 1, "relative": False}
    assert PathLength().get_config() == config
    config = {"weight": 0.5, "interval": 4, "relative": True}
    penalty = PathLength(**config)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(penalty)
    )
    assert type(again) is PathLength and again.get_config() == config
