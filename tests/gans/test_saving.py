import gan_models
import keras
import numpy as np
import pytest
from gan_models import assert_same_state, images

from kerasgan.gans import NonSaturatingGAN

REAL = images(48)


def make(policy="float32", seed=0, **options):
    """A GAN with every kind of state: statistics, dropout's seeds, slots."""
    keras.utils.set_random_seed(seed)
    gan = NonSaturatingGAN(
        *gan_models.stateful_networks(policy), seed=seed, **options
    )
    gan.compile(
        keras.optimizers.Adam(1e-2, beta_1=0.5), keras.optimizers.RMSprop(1e-2)
    )
    return gan


def train(gan, start, stop):
    gan.fit(REAL[8 * start : 8 * stop], batch_size=8, shuffle=False, verbose=0)
    return gan


@pytest.mark.integration
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_keras_file_goes_on_exactly(policy, tmp_path):
    whole = train(make(policy), 0, 6)
    half = train(make(policy), 0, 3)
    half.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert type(loaded) is NonSaturatingGAN
    assert_same_state(loaded, half)
    assert int(loaded.steps) == 3
    assert_same_state(train(loaded, 3, 6), whole)


@pytest.mark.integration
def test_weights_file_goes_on_exactly(tmp_path):
    whole = train(make(), 0, 6)
    half = train(make(), 0, 3)
    half.save_weights(tmp_path / "gan.weights.h5")
    # Other weights and other seeds than those that are loaded.
    fresh = make(seed=5)
    fresh.load_weights(tmp_path / "gan.weights.h5")
    assert_same_state(fresh, half)
    assert_same_state(train(fresh, 3, 6), whole)


def test_every_random_generator_moves_and_is_stored():
    """Else the tests above would prove nothing of them."""
    gan = make()
    seeds = {k: v for k, v in gan_models.state(gan).items() if "seed" in k}
    # Of the latents, and of the discriminator's dropout.
    assert len(seeds) == 2
    after = gan_models.state(train(gan, 0, 1))
    for name, value in seeds.items():
        assert (after[name] != value).any()


def test_configuration_round_trip():
    gan = make(discriminator_steps=2, ema_decay=0.9, seed=7)
    config = gan.get_config()
    other = NonSaturatingGAN.from_config(config)
    assert (other.discriminator_steps, other.ema_decay, other.seed) == (
        2,
        0.9,
        7,
    )
    assert other.name == gan.name
    for part in ("generator", "discriminator"):
        a, b = getattr(gan, part), getattr(other, part)
        assert [w.path for w in a.weights] == [w.path for w in b.weights]
    assert not make(ema_decay=None).get_config()["ema_decay"]


def test_the_state_of_a_finished_average_is_stored(tmp_path):
    gan = train(make(ema_decay=0.5), 0, 3)
    differences = [
        np.abs(a - b).max()
        for a, b in zip(
            gan.generator.get_weights(), gan.ema_generator.get_weights()
        )
    ]
    assert min(differences) > 0
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for a, b in zip(
        gan.ema_generator.get_weights(), loaded.ema_generator.get_weights()
    ):
        np.testing.assert_array_equal(a, b)
    assert not loaded.ema_generator.trainable_variables


def test_a_gan_of_architectures_in_one_file(tmp_path):
    gan = NonSaturatingGAN(*gan_models.tiny_networks(dropout=0.3))
    gan.compile("adam", "rmsprop")
    for seed, network in enumerate((gan.generator, gan.discriminator)):
        gan_models.set_numpy_weights(network, seed)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert_same_state(loaded, gan)
    z = np.ones((1, gan_models.LATENTS), "float32")
    np.testing.assert_array_equal(loaded(z), gan(z))
