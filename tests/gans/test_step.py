"""The step of a GAN against the same step in numpy."""

import inspect
import re

import gan_models
import keras
import numpy as np
import pytest
from gan_models import (
    BATCH,
    NumpyGAN,
    fed,
    images,
    linear_gan,
    linear_networks,
    table,
)

from kerasgan.gans import R1, DiffAugment, NonSaturatingGAN
from kerasgan.gans.randomness import Draws
from kerasgan.gans.step import Step


@pytest.mark.parametrize("turns", [1, 3])
def test_steps_logs_and_average(turns):
    """Three steps of one epoch.

    Each turn of the discriminator has its own share of the batch and latents;
    the generator's turn sees the updated discriminator, and updates itself
    alone.
    """
    real = images(3 * turns * BATCH)
    latents = table(3, turns + 1)
    gan = fed(linear_gan(discriminator_steps=turns, ema_decay=0.15), latents)
    peer, average = NumpyGAN(gan), gan.generator.get_weights()[0]
    logs = []
    shares = real.reshape(3, turns, BATCH, 2, 2, 1)
    for step in range(3):
        of_turns = [
            peer.discriminator_step(shares[step, i], latents[step, i])
            for i in range(turns)
        ]
        loss = peer.generator_step(latents[step, turns])
        logs.append([*np.mean(of_turns, axis=0), loss])
        decay = min(0.15, (1 + step) / (10 + step))
        # 1/10 and 2/11 are on different sides of the given decay.
        average = decay * average + (1 - decay) * peer.a

    history = gan.fit(
        real, batch_size=turns * BATCH, shuffle=False, verbose=0
    ).history
    close = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(gan.generator.get_weights()[0], peer.a, **close)
    np.testing.assert_allclose(
        gan.discriminator.get_weights()[0], peer.w, **close
    )
    np.testing.assert_allclose(
        gan.ema_generator.get_weights()[0], average, **close
    )
    assert list(history) == [
        "discriminator_loss",
        "fake_logits",
        "generator_loss",
        "real_logits",
    ]
    found = [
        history[name][0]
        for name in (
            "discriminator_loss",
            "real_logits",
            "fake_logits",
            "generator_loss",
        )
    ]
    np.testing.assert_allclose(found, np.mean(logs, axis=0), **close)
    assert int(gan.steps) == 3
    assert int(gan.optimizer.generator.iterations) == 3
    assert int(gan.optimizer.discriminator.iterations) == 3 * turns


class Recording(NonSaturatingGAN):
    """Keeps what latents each turn had; needs `run_eagerly`."""

    def _latents(self, batch_size, seeds=None):
        latents = super()._latents(batch_size, seeds)
        self.drawn.append(np.asarray(latents))
        return latents


def drawn_latents(seed):
    gan = Recording(
        *gan_models.linear_networks(), discriminator_steps=2, seed=seed
    )
    object.__setattr__(gan, "drawn", [])
    gan.compile("sgd", "sgd", run_eagerly=True)
    gan.fit(images(64), batch_size=32, verbose=0)
    assert [z.shape for z in gan.drawn] == [(16, gan_models.LATENTS)] * 6
    return np.concatenate(gan.drawn)


def test_every_update_of_every_step_draws_fresh_normal_latents():
    latents = drawn_latents(seed=0)
    assert len(np.unique(latents)) == latents.size
    assert abs(latents.mean()) < 0.2 and abs(latents.std() - 1) < 0.15
    np.testing.assert_array_equal(drawn_latents(seed=0), latents)
    assert (drawn_latents(seed=1) != latents).all()


def test_statistics_of_both_networks_move_and_are_averaged():
    """Batch normalization: each network's own passes update its statistics."""
    networks = gan_models.tiny_networks(
        normalization="batch", generator_normalization="batch"
    )
    for network in networks:
        gan_models.set_numpy_weights(network)
    generator, discriminator = networks
    gan = NonSaturatingGAN(generator, discriminator)
    gan.compile(
        *(keras.optimizers.SGD(0.0) for _ in range(2)),
        run_eagerly=gan_models.EAGERLY,
    )
    before = generator.get_weights()
    gan.fit(images(8, (8, 8, 3)), batch_size=8, verbose=0)
    # After the first step the average is a tenth of the start.
    for old, new, average in zip(
        before, generator.get_weights(), gan.ema_generator.get_weights()
    ):
        np.testing.assert_allclose(
            average, 0.1 * old + 0.9 * new, rtol=1e-5, atol=1e-6
        )
    moved = [
        weight.path.split("/")[-1]
        for old, weight in zip(before, generator.weights)
        if np.abs(weight.numpy() - old).max() > 1e-3
    ]
    assert sorted(moved) == ["moving_mean", "moving_variance"]


def test_evaluate_gives_the_losses():
    gan = fed(linear_gan(), table(1, 1))
    real = images(BATCH)
    found = gan.evaluate(real, batch_size=BATCH, verbose=0, return_dict=True)
    peer = NumpyGAN(gan, rates=(0, 0))
    loss, on_real, on_fake = peer.discriminator_step(real, gan.table[0, 0])
    expected = {
        "discriminator_loss": loss,
        "generator_loss": peer.generator_step(gan.table[0, 0]),
        "real_logits": on_real,
        "fake_logits": on_fake,
    }
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_evaluation_changes_nothing_of_the_training():
    """No weight, statistic or slot, and nothing that training draws."""
    gan = NonSaturatingGAN(
        *gan_models.tiny_networks(normalization="batch", dropout=0.5)
    )
    gan.compile("sgd", "sgd")
    before = gan_models.state(gan)
    real = images(8, (8, 8, 3))
    logs = gan.evaluate(real, batch_size=4, verbose=0, return_dict=True)
    for name, value in gan_models.state(gan).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)
    expected = gan.discriminator(real, training=False)
    np.testing.assert_allclose(
        logs["real_logits"], np.mean(expected), rtol=1e-4, atol=1e-5
    )


def test_calls_and_predictions_are_the_generator_s_images():
    gan = linear_gan()
    z = table(1, 1, share=5)[0, 0]
    expected = z @ gan.generator.get_weights()[0]
    assert gan.predict(z, verbose=0).shape == (5, 2, 2, 1)
    np.testing.assert_allclose(
        gan.predict(z, verbose=0).reshape(5, -1), expected, rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(
        np.reshape(gan(z), (5, -1)), expected, rtol=1e-4, atol=1e-5
    )


def test_bad_optimizers_are_refused():
    gan = NonSaturatingGAN(*gan_models.linear_networks())
    with pytest.raises(ValueError, match="`generator_optimizer`"):
        gan.compile(None, "sgd")
    with pytest.raises(ValueError, match="`discriminator_optimizer`"):
        gan.compile("sgd", None)
    # Its slots would belong to the generator alone.
    one = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="its own optimizer"):
        gan.compile(one, one)


def test_a_rest_smaller_than_the_updates_is_still_a_step():
    # 13 images in batches of 6: the last one has a single image for 3 turns.
    gan = NonSaturatingGAN(*linear_networks(), discriminator_steps=3)
    gan.compile("adam", "adam")
    before = gan.discriminator.get_weights()[0]
    history = gan.fit(images(13), batch_size=6, verbose=0).history
    assert int(gan.steps) == 3
    assert np.isfinite(list(history.values())).all()
    after = gan.discriminator.get_weights()[0]
    assert np.isfinite(after).all() and (after != before).all()


def test_simultaneous_updates():
    """One batch of latents, and gradients by both networks as they were."""
    gan = fed(linear_gan(update="simultaneous", ema_decay=None), table(3, 1))
    peer = NumpyGAN(gan)
    real = images(3 * BATCH)
    logs = []
    for step, batch in enumerate(real.reshape(3, BATCH, 2, 2, 1)):
        before = peer.w
        of_discriminator = peer.discriminator_step(batch, gan.table[step, 0])
        after, peer.w = peer.w, before
        of_generator = peer.generator_step(gan.table[step, 0])
        # The discriminator's gradient was by the generator before its update.
        peer.w = after
        logs.append([of_discriminator[0], of_generator])
    history = gan.fit(real, batch_size=BATCH, shuffle=False, verbose=0).history
    close = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(gan.generator.get_weights()[0], peer.a, **close)
    np.testing.assert_allclose(
        gan.discriminator.get_weights()[0], peer.w, **close
    )
    assert gan.ema_generator is None
    found = history["discriminator_loss"][0], history["generator_loss"][0]
    np.testing.assert_allclose(found, np.mean(logs, axis=0), **close)


@pytest.mark.parametrize("call", ["evaluate", "train_on_batch"])
def test_weights_of_real_images_are_refused(call):
    gan = gan_models.linear_gan()
    with pytest.raises(ValueError, match="weighs all real images alike"):
        getattr(gan, call)(
            images(BATCH), np.zeros(BATCH), sample_weight=np.ones(BATCH)
        )


def test_an_augmentation_needs_images():
    x, z = keras.Input((4,)), keras.Input((3,))
    networks = (
        keras.Model(z, keras.layers.Dense(4)(z)),
        keras.Model(x, keras.layers.Dense(1)(x)),
    )
    with pytest.raises(ValueError, match=r"input_shape=\(None, 4\)"):
        NonSaturatingGAN(*networks, augmentation=DiffAugment())


def test_the_names_of_the_metrics_are_those_of_evaluate():
    gan = NonSaturatingGAN(*gan_models.tiny_networks(), penalties=[R1()])
    gan.compile("sgd", "sgd")
    real = images(BATCH, (8, 8, 3))
    seeds = gan.evaluation_seeds.state
    before = seeds.numpy().copy()
    values = gan.evaluate(real, verbose=0)
    # The same latents again.
    seeds.assign(before)
    named = gan.evaluate(real, verbose=0, return_dict=True)
    assert values == [
        named[name] for name in gan.metrics_names if name in named
    ]
    assert gan.metrics_names[-1] == "penalty"


def test_the_end_of_data_of_unknown_length_is_no_step():
    gan = NonSaturatingGAN(*linear_networks())
    gan.compile("sgd", "sgd")
    gan.fit(((images(BATCH),) for _ in range(3)), verbose=0)
    assert int(gan.steps) == 3
    assert {int(m.count) for m in gan.trackers.values()} == {3 * BATCH}


@pytest.mark.parametrize(
    "arguments, received",
    [
        ({"penalties": R1()}, "a list of kerasgan.gans penalties"),
        ({"penalties": "r1"}, "penalties='r1'"),
        ({"penalties": [R1]}, "a list of kerasgan.gans penalties"),
        ({"augmentation": "diff_augment"}, "augmentation='diff_augment'"),
        ({"augmentation": DiffAugment}, "such as DiffAugment"),
        ({"ema_decay": "0.9"}, "ema_decay='0.9'"),
        ({"discriminator_steps": True}, "discriminator_steps=True"),
        ({"update": "both"}, "update='both'"),
        (
            {"update": "simultaneous", "discriminator_steps": 2},
            "discriminator_steps=2",
        ),
    ],
)
def test_bad_arguments(arguments, received):
    with pytest.raises(ValueError, match=received):
        NonSaturatingGAN(*gan_models.tiny_networks(), **arguments)


def test_a_step_says_what_it_needs():
    for part in (Step, Draws):
        said = {*part.__annotations__, *vars(part)}
        said |= {*Draws.__annotations__, *vars(Draws)}
        # What a loss defines, as the docstring says.
        said |= set(re.findall(r"`(\w+)", Step.__doc__))
        needed = re.findall(r"\bself\.(\w+)", inspect.getsource(part))
        assert set(needed) <= said
