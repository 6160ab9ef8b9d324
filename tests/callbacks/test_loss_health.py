import keras
import numpy as np
import pytest

from kerasgan.architectures import dcgan
from kerasgan.callbacks import Checkpoint, LossHealth
from kerasgan.gans import LOSSES, NonSaturatingGAN

HEALTHY = {
    "discriminator_loss": 1.0,
    "generator_loss": 0.8,
    "real_logits": 0.4,
    "fake_logits": -0.4,
}


def watched(gan, **options):
    health = LossHealth(**options)
    health.set_model(gan)
    health.on_train_begin()
    return health


@pytest.mark.parametrize(
    "changes, state",
    [
        ({}, 0),
        ({"discriminator_loss": 1.387, "real_logits": -0.39}, 1),
        # The loss alone does not tell.
        ({"discriminator_loss": 1.387}, 0),
        ({"discriminator_loss": 0.027}, 2),
        ({"discriminator_loss": 0.029}, 0),
        ({"fake_logits": -1.1e5}, 3),
        ({"penalty": 2e5}, 3),
        ({"generator_loss": float("nan")}, 4),
        ({"discriminator_loss": float("inf")}, 4),
        # Another number that is not finite is not a loss.
        ({"validation": float("nan")}, 0),
    ],
)
@pytest.mark.filterwarnings("ignore:training is unhealthy")
def test_states(gan, changes, state):
    health = watched(gan, stop=False)
    logs = {**HEALTHY, **changes}
    health.on_epoch_end(0, logs)
    assert (health.state, logs["loss_health"]) == (state, state)


@pytest.mark.parametrize(
    "loss, constant",
    {
        "minimax": np.log(4),
        "non_saturating": np.log(4),
        "least_squares": 0.25,
        "wasserstein": 0.0,
        "wasserstein_gp": 0.0,
        "hinge": 2.0,
        "relativistic": np.log(4),
        "relativistic_pairing": np.log(2),
    }.items(),
)
def test_the_loss_of_equal_logits(loss, constant):
    gan = LOSSES[loss](*dcgan((8, 8, 3), latent_dim=3, features=2))
    assert watched(gan).constant == pytest.approx(constant, rel=1e-6)


def test_a_critic_s_loss_may_be_anything():
    gan = LOSSES["wasserstein"](*dcgan((8, 8, 3), latent_dim=3, features=2))
    for loss in (-50.0, 0.0, 3.0):
        assert watched(gan).judge({"discriminator_loss": loss}) == (0, None)


def test_it_has_patience_and_says_why(gan):
    health = watched(gan, patience=3)
    vanishing = {**HEALTHY, "discriminator_loss": 1e-4}
    gan.stop_training = False
    for logs in (vanishing, vanishing, HEALTHY, vanishing, vanishing):
        health.on_epoch_end(0, dict(logs))
    assert not gan.stop_training and health.reason is None
    with pytest.warns(UserWarning, match="vanishing.*0.0001.*3 epochs"):
        health.on_epoch_end(0, dict(vanishing))
    assert gan.stop_training


def test_it_only_warns_if_asked(gan):
    health = watched(gan, patience=1, stop=False, raises=True)
    gan.stop_training = False
    with pytest.warns(UserWarning, match="is unhealthy: exploding"):
        health.on_epoch_end(0, {**HEALTHY, "real_logits": 1e6})
    assert not gan.stop_training


def diverging():
    gan = NonSaturatingGAN(*dcgan((8, 8, 3), latent_dim=3, features=2))
    gan.compile(
        *(keras.optimizers.SGD(1e-3), keras.optimizers.SGD(1e30)),
        run_eagerly=True,
    )
    return gan


def images():
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (16, 8, 8, 3)).astype("float32")


def test_a_training_that_diverges_keeps_its_last_good_checkpoint(tmp_path):
    gan, health = diverging(), LossHealth(raises=True)
    checkpoint = Checkpoint(tmp_path, every=1)
    checkpoint.set_model(gan)
    checkpoint.on_train_begin()
    checkpoint.save()
    good = (tmp_path / "checkpoint.weights.h5").read_bytes()
    with pytest.raises(FloatingPointError, match="training stopped: "):
        gan.fit(
            images(),
            batch_size=4,
            epochs=9,
            callbacks=[health, checkpoint],
            verbose=0,
        )
    assert health.state in (3, 4)
    assert (tmp_path / "checkpoint.weights.h5").read_bytes() == good


@pytest.mark.parametrize(
    "arguments", [{"patience": 0}, {"limit": 0.0}, {"limit": float("inf")}]
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="Received"):
        LossHealth(**arguments)


def test_it_stops_again_and_warns_once(gan):
    vanishing = {**HEALTHY, "discriminator_loss": 1e-4}
    health = watched(gan, patience=2)
    with pytest.warns(UserWarning):
        for _ in range(2):
            health.on_epoch_end(0, dict(vanishing))
    gan.stop_training = False
    with pytest.warns(UserWarning):
        health.on_epoch_end(0, dict(vanishing))
    assert gan.stop_training
    only = watched(gan, patience=2, stop=False)
    with pytest.warns(UserWarning) as warned:
        for _ in range(5):
            only.on_epoch_end(0, dict(vanishing))
    assert len(warned) == 1
