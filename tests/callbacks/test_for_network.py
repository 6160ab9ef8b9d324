import functools

import keras
import numpy as np
import pytest

from kerasgan.callbacks import ForNetwork
from kerasgan.gans import NonSaturatingGAN


@functools.cache
def compiled():
    z = keras.Input((3,))
    x = keras.layers.Dense(4)(z)
    generator = keras.Model(z, x)
    x = keras.Input((4,))
    discriminator = keras.Model(x, keras.layers.Dense(1)(x))
    gan = NonSaturatingGAN(generator, discriminator)
    gan.compile(keras.optimizers.SGD(1.0), keras.optimizers.SGD(0.5))
    return gan


def gan():
    """A GAN that was compiled once, at its first learning rates."""
    gan = compiled()
    gan.optimizer.generator.learning_rate.assign(1.0)
    gan.optimizer.discriminator.learning_rate.assign(0.5)
    return gan


def fit(callbacks, epochs=2):
    model = gan()
    history = model.fit(
        np.ones((8, 4), "float32"),
        batch_size=4,
        epochs=epochs,
        callbacks=callbacks,
        verbose=0,
    )
    return model, history.history


def rates(model):
    return (
        float(model.optimizer.generator.learning_rate),
        float(model.optimizer.discriminator.learning_rate),
    )


def scheduler(factor):
    return keras.callbacks.LearningRateScheduler(
        lambda epoch, rate: rate * factor
    )


@pytest.mark.parametrize(
    "factors, expected",
    [
        ({"generator": 0.5}, (0.25, 0.5)),
        ({"discriminator": 0.5}, (1.0, 0.125)),
        ({"generator": 0.1, "discriminator": 2.0}, (0.01, 2.0)),
    ],
)
def test_a_schedule_for_either_network_or_for_both(factors, expected):
    callbacks = [
        ForNetwork(network, scheduler(factor))
        for network, factor in factors.items()
    ]
    model, history = fit(callbacks)
    assert rates(model) == pytest.approx(expected)
    for network in ("generator", "discriminator"):
        key = f"{network}_learning_rate"
        assert (key in history) == (network in factors)
    for network in factors:
        last = getattr(model.optimizer, network).learning_rate
        logged = history[f"{network}_learning_rate"]
        assert logged[-1] == pytest.approx(float(last))


def test_the_rate_is_the_one_that_trains():
    """A rate of zero from the first epoch on leaves the discriminator as is."""
    model = gan()
    before = [w.copy() for w in model.discriminator.get_weights()]
    generator = [w.copy() for w in model.generator.get_weights()]
    model.fit(
        np.ones((8, 4), "float32"),
        batch_size=4,
        callbacks=[ForNetwork("discriminator", scheduler(0.0))],
        verbose=0,
    )
    for a, b in zip(before, model.discriminator.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert (generator[0] != model.generator.get_weights()[0]).any()


def test_a_rate_that_falls_on_a_plateau():
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="discriminator_loss",
        mode="min",
        factor=0.1,
        patience=1,
        min_delta=100.0,
    )
    model, _ = fit([ForNetwork("discriminator", plateau)], epochs=3)
    assert rates(model) == pytest.approx((1.0, 0.005), rel=1e-5)


def test_every_hook_is_forwarded():
    class Recorder(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.seen = []

    names = [
        name
        for name in dir(keras.callbacks.Callback)
        if name.startswith("on_")
        and "predict" not in name
        # Aliases, which call these.
        and name not in ("on_batch_begin", "on_batch_end")
    ]
    for name in names:

        def hook(self, *arguments, name=name):
            self.seen.append(name)

        setattr(Recorder, name, hook)
    recorder = Recorder()
    model = gan()
    images = np.ones((4, 4), "float32")
    model.fit(
        images,
        validation_data=(images,),
        callbacks=[ForNetwork("generator", recorder)],
        verbose=0,
    )
    assert sorted(set(recorder.seen)) == sorted(names)


def test_bad_arguments():
    with pytest.raises(ValueError, match="network='critic'"):
        ForNetwork("critic", scheduler(1.0))
    with pytest.raises(ValueError, match="callback=0.1"):
        ForNetwork("generator", 0.1)


def test_a_callback_can_stop_the_training():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = True

    _, history = fit([ForNetwork("discriminator", Stop())], epochs=3)
    assert len(history["generator_loss"]) == 1


def test_the_order_of_callbacks_does_not_matter():
    both = [scheduler(0.5), ForNetwork("discriminator", scheduler(0.1))]
    for callbacks in (both, both[::-1]):
        _, history = fit(callbacks, epochs=1)
        assert history["learning_rate"] == [0.5]
        assert history["discriminator_learning_rate"] == [pytest.approx(0.05)]
