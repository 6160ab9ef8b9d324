import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, LATENTS, images
from keras import ops
from written_gan import quickly_compiled

from kerasgan import gans
from kerasgan.gans import Distillation

RNG = np.random.default_rng(0)


def teacher(seed=3):
    """G(z) = z A with an A of its own."""
    generator, _ = gan_models.linear_networks()
    matrix = np.random.default_rng(seed).normal(size=(LATENTS, 4))
    generator.set_weights([matrix.astype("float32")])
    return generator


def test_value_and_gradient(gradients):
    """The mean of (z B - z A)^2 and 2/n z^T (z B - z A), written out."""
    z = RNG.normal(size=(5, LATENTS)).astype("float32")
    b = RNG.normal(size=(LATENTS, 4)).astype("float32")
    penalty = Distillation(teacher())
    (a,) = penalty.teacher.get_weights()

    def value(matrix):
        made = ops.reshape(ops.matmul(z, matrix), (-1, 2, 2, 1))
        return penalty.compute(None, ops.convert_to_tensor(z), made, None)

    difference = z @ b - z @ a
    expected = np.mean(difference.astype("float64") ** 2)
    np.testing.assert_allclose(
        value(ops.convert_to_tensor(b)), expected, rtol=1e-5
    )
    (found,) = gradients(value, b)
    np.testing.assert_allclose(
        found, 2 * z.T @ difference / difference.size, rtol=1e-4, atol=1e-6
    )


def test_scaled_latents():
    """A linear teacher's images are scaled with them: (z A - s z A)^2."""
    z = RNG.normal(size=(5, LATENTS)).astype("float32")
    penalty = Distillation(teacher(), latent_scale=1.5)
    images = penalty.teacher(z)
    found = penalty.compute(None, ops.convert_to_tensor(z), images, None)
    expected = np.mean(0.25 * ops.convert_to_numpy(images) ** 2)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    again = Distillation.from_config(penalty.get_config())
    assert again.latent_scale == 1.5


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@quickly_compiled()
def test_a_step_of_the_generator(update):
    """That of the loss and that of the penalty, on the turn's latents."""
    weight, rate = 0.7, 0.5
    latents = gan_models.table(1, turns=1 if update == "simultaneous" else 2)
    ends = []
    for penalties in ((), (Distillation(teacher(), weight),)):
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
    (plain, a, w), (logs, taught, of_discriminator) = ends
    z = latents[0, -1].astype("float64")
    difference = z @ (before - teacher().get_weights()[0])
    np.testing.assert_allclose(
        logs.pop("generator_penalty"),
        weight * np.mean(difference**2),
        rtol=1e-5,
    )
    gradient = 2 * z.T @ difference / difference.size
    np.testing.assert_allclose(
        taught, a - rate * weight * gradient, rtol=1e-4, atol=1e-5
    )
    assert np.abs(taught - a).max() > 0.01
    np.testing.assert_allclose(of_discriminator, w, rtol=1e-6)
    assert set(logs) == set(plain)


def pretrained(networks=None, **options):
    networks = networks or gan_models.linear_networks()
    options.setdefault("penalties", [Distillation(teacher(), 1.0)])
    gan = gans.NonSaturatingGAN(*networks, pretraining=True, **options)
    gan.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5))
    return gan


def test_pretraining_reaches_the_teacher():
    gan = pretrained(ema_decay=0.5)
    before = gan.discriminator.get_weights()[0]
    history = gan.fit(
        images(BATCH), batch_size=BATCH, epochs=200, verbose=0
    ).history
    assert list(history) == ["generator_penalty"]
    assert history["generator_penalty"][0] > 0.5
    assert history["generator_penalty"][-1] < 1e-5
    for network in (gan.generator, gan.ema_generator):
        np.testing.assert_allclose(
            network.get_weights()[0], teacher().get_weights()[0], atol=0.01
        )
    np.testing.assert_array_equal(gan.discriminator.get_weights()[0], before)


@quickly_compiled()
def test_evaluation_in_pretraining():
    """The penalties on latents of its own; the training goes on as before."""
    penalties = [
        Distillation(teacher(), 2.0, interval=3),
        gans.PathLength(1e-6, interval=3),
    ]
    ends = []
    for evaluations in (0, 2):
        gan = pretrained(penalties=penalties)
        real = images(BATCH)
        gan.fit(real, batch_size=BATCH, verbose=0)
        for _ in range(evaluations):
            # The step after the next would be due, and this one is.
            logs = gan.evaluate(
                real, batch_size=BATCH, verbose=0, return_dict=True
            )
            assert list(logs) == ["generator_penalty"]
            assert logs["generator_penalty"] > 0.1
        gan.fit(real, batch_size=BATCH, epochs=3, verbose=0)
        ends.append(gan.generator.get_weights()[0])
    np.testing.assert_array_equal(*ends)


def test_statistics_of_the_generator_move_once():
    """By the batch of the turn: it passes the generator once."""
    latents = gan_models.table(1, turns=1)
    gan = gan_models.fed(
        gan_models.FedGAN(
            *gan_models.stateful_networks(),
            penalties=[Distillation(teacher())],
            pretraining=True,
        ),
        latents,
    )
    gan.compile(*(keras.optimizers.SGD(0.0) for _ in range(2)))
    kernel, bias = gan.generator.get_weights()[:2]
    gan.fit(images(BATCH), batch_size=BATCH, verbose=0)
    (mean,) = [v for v in gan.generator.weights if "moving_mean" in v.path]
    batch = latents[0, 0] @ kernel + bias
    np.testing.assert_allclose(
        mean.numpy(), 0.1 * batch.mean(axis=0), rtol=1e-4, atol=1e-6
    )


def test_the_teacher_is_a_copy_that_stays():
    given = teacher()
    penalty = Distillation(given, 1.0)
    gan = pretrained(penalties=[penalty])
    gan.fit(images(BATCH), batch_size=BATCH, epochs=2, verbose=0)
    np.testing.assert_array_equal(
        penalty.teacher.get_weights()[0], given.get_weights()[0]
    )
    given.set_weights([0 * given.get_weights()[0]])
    assert given.trainable
    assert np.abs(penalty.teacher.get_weights()[0]).max() > 0.1
    ids = {id(v) for v in gan.trainable_variables}
    assert not ids & {id(v) for v in penalty.teacher.variables}


def test_a_saved_gan_goes_on_with_its_teacher(tmp_path):
    def make():
        gan = gans.NonSaturatingGAN(
            *gan_models.linear_networks(), penalties=[Distillation(teacher())]
        )
        gan.compile("adam", "adam")
        return gan

    def train(gan):
        gan.fit(images(BATCH), batch_size=BATCH, epochs=2, verbose=0)
        return gan

    whole = train(train(make()))
    first = train(make())
    first.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(
        loaded.penalties[0].teacher.get_weights()[0],
        teacher().get_weights()[0],
    )
    assert loaded.penalties[0].weight == 100
    for a, b in zip(train(loaded).get_weights(), whole.get_weights()):
        np.testing.assert_array_equal(a, b)


@quickly_compiled()
def test_with_every_loss():
    for loss in gans.LOSSES.values():
        for pretraining in (False, True):
            generator, discriminator = gan_models.tiny_networks(
                normalization="weight"
            )
            other, _ = gan_models.tiny_networks(features=1)
            gan = loss(
                generator,
                discriminator,
                penalties=[Distillation(other)],
                pretraining=pretraining,
            )
            gan.compile("adam", "adam", run_eagerly=not _jax())
            history = gan.fit(
                images(4, (8, 8, 3)), batch_size=4, verbose=0
            ).history
            assert np.isfinite(list(history.values())).all()
            assert history["generator_penalty"][0] > 0
            # The loss's own gradient penalty is of the discriminator.
            expected = loss is gans.WassersteinGPGAN and not pretraining
            assert ("penalty" in history) == expected


def _jax():
    return keras.backend.backend() == "jax"


def test_bad_arguments():
    with pytest.raises(ValueError, match="must be a built Keras model.*None$"):
        Distillation(None)
    with pytest.raises(ValueError, match="Received: weight=0$"):
        Distillation(teacher(), weight=0)
    with pytest.raises(ValueError, match="latent_scale=0"):
        Distillation(teacher(), latent_scale=0)
    small, _ = gan_models.tiny_networks()
    with pytest.raises(
        ValueError,
        match=r"\(3,\) -> \(2, 2, 1\). "
        r"Received: teacher of \(3,\) -> \(8, 8, 3\)",
    ):
        pretrained(penalties=[Distillation(small)])


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"penalties": ()}, r"needs a penalty.*penalties=\(\)$"),
        ({"penalties": [gans.R1()]}, "needs a penalty of the generator"),
        (
            {"penalties": [Distillation(teacher()), gans.R1()]},
            "Received: discriminator_penalties=",
        ),
        ({"discriminator_steps": 2}, "Received: discriminator_steps=2$"),
        ({"update": "simultaneous"}, "Received: update='simultaneous'$"),
    ],
)
def test_nothing_is_done_to_a_discriminator_that_rests(options, expected):
    with pytest.raises(ValueError, match=expected):
        pretrained(**options)


def test_nothing_is_augmented_in_pretraining():
    networks = gan_models.tiny_networks()
    with pytest.raises(ValueError, match="Received: augmentation=<"):
        pretrained(
            networks,
            penalties=[Distillation(networks[0])],
            augmentation=gans.DiffAugment(),
        )


def test_pretraining_is_a_truth_value():
    with pytest.raises(ValueError, match="Received: pretraining=1$"):
        gans.HingeGAN(*gan_models.linear_networks(), pretraining=1)
