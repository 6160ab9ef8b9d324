"""The data that Keras's trainers take, and the ways in which they run a step.

Every result is held against the same steps in numpy.
"""

import gan_models
import keras
import numpy as np
import pytest
from gan_models import (
    BATCH,
    LATENTS,
    NumpyGAN,
    Rows,
    dataset,
    fed,
    generated,
    images,
    of_unknown_shape,
    table,
)

from kerasgan.gans import NonSaturatingGAN

# Two whole batches, and half a one.
REAL = images(20)
STARTS = range(0, len(REAL), BATCH)
STEPS = len(STARTS)
# A mean over the images weighs the batches by their sizes.
SIZES = [BATCH, BATCH, 4]
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


class FedGAN(gan_models.FedGAN):
    """Takes the first rows of the table where a batch is not a whole one."""

    def _latents(self, batch_size, seeds=None):
        return super()._latents(batch_size, seeds)[:batch_size]


def make(latents, networks=None, **options):
    gan = fed(FedGAN(*networks or gan_models.linear_networks()), latents)
    gan.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.3), **options)
    return gan


def endless(rows):
    while True:
        for start in range(0, len(rows), BATCH):
            yield (rows[start : start + BATCH],)


# For each source: the data, and the arguments of `fit` that it needs.
SOURCES = {
    # Labels are of no use, and do no harm.
    "array": lambda rows: (
        rows.astype("float64"),
        {"y": np.arange(len(rows)), "batch_size": BATCH, "shuffle": False},
    ),
    "generator": lambda rows: (endless(rows), {"steps_per_epoch": STEPS}),
    "tf.data": lambda rows: (dataset(rows), {}),
    "tf.data of unknown shape": lambda rows: (of_unknown_shape(rows), {}),
    "PyDataset": lambda rows: (Rows(rows), {"shuffle": False}),
}


WITHOUT_TENSORFLOW = [name for name in SOURCES if "tf" not in name]


def steps_in_numpy(gan, epochs, real=REAL):
    """The networks after some epochs, and the mean logs of the last one."""
    peer = NumpyGAN(gan)
    for epoch in range(epochs):
        logs = []
        for i, start in enumerate(STARTS):
            batch = real[start : start + BATCH]
            z = gan.table[epoch * STEPS + i][:, : len(batch)]
            loss, on_real, on_fake = peer.discriminator_step(batch, z[0])
            logs.append([loss, peer.generator_step(z[1]), on_real, on_fake])
    return peer, np.average(logs, axis=0, weights=SIZES)


NAMES = "discriminator_loss", "generator_loss", "real_logits", "fake_logits"


def check_networks(gan, peer):
    found = [
        network.get_weights()[0]
        for network in (gan.generator, gan.discriminator)
    ]
    for weights, expected in zip(found, (peer.a, peer.w)):
        np.testing.assert_allclose(weights, expected, **CLOSE)


def check_fit(gan, data, arguments, real=REAL):
    peer, logs = steps_in_numpy(gan, 2, real)
    history = gan.fit(data, epochs=2, verbose=0, **arguments).history
    check_networks(gan, peer)
    found = [history[name][-1] for name in NAMES]
    np.testing.assert_allclose(found, logs, **CLOSE)
    assert int(gan.steps) == 2 * STEPS


@pytest.mark.parametrize("source", SOURCES)
def test_fit_takes_it(source):
    data, arguments = SOURCES[source](REAL)
    check_fit(make(table(2 * STEPS)), data, arguments)


@pytest.mark.parametrize(
    "options",
    [
        # The last execution of an epoch is not a whole one.
        {"steps_per_execution": 2},
        {"run_eagerly": True},
        {"jit_compile": True},
    ],
    ids=lambda options: " ".join(f"{k}={v}" for k, v in options.items()),
)
def test_ways_to_run(options):
    gan = make(table(2 * STEPS), **options)
    check_fit(gan, *SOURCES["array"](REAL))


def flat_networks():
    """The linear ones for points instead of images."""
    z, x = keras.Input((LATENTS,)), keras.Input((gan_models.PIXELS,))
    dense = [keras.layers.Dense(n, use_bias=False) for n in (4, 1)]
    networks = keras.Model(z, dense[0](z)), keras.Model(x, dense[1](x))
    for network, peer in zip(networks, gan_models.linear_networks()):
        network.set_weights(peer.get_weights())
    return networks


def test_points():
    """Real data of shape [N, 4], as a table holds them."""
    points = REAL.reshape(len(REAL), -1)
    gan = make(table(2 * STEPS), flat_networks())
    check_fit(gan, *SOURCES["array"](points), real=points)
    assert gan.predict(gan.table[0, 0], verbose=0).shape == (BATCH, 4)


def losses_in_numpy(gan, latents):
    """What `evaluate` finds: the mean over the images."""
    peer, logs = NumpyGAN(gan, rates=(0, 0)), []
    for start in STARTS:
        batch = REAL[start : start + BATCH]
        z = latents[: len(batch)]
        loss, on_real, on_fake = peer.discriminator_step(batch, z)
        logs.append([loss, peer.generator_step(z), on_real, on_fake])
    return np.average(logs, axis=0, weights=SIZES)


@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_evaluate_takes_them_all(steps_per_execution):
    gan = make(table(1, 1), steps_per_execution=steps_per_execution)
    expected = losses_in_numpy(gan, gan.table[0, 0])
    for source in WITHOUT_TENSORFLOW:
        data, arguments = SOURCES[source](REAL)
        arguments.pop("shuffle", None)
        if arguments.pop("steps_per_epoch", None):
            data = generated(REAL)
        found = gan.evaluate(data, verbose=0, return_dict=True, **arguments)
        np.testing.assert_allclose(
            [found[name] for name in NAMES], expected, **CLOSE, err_msg=source
        )
    # Without names: in the order of the docs.
    found = gan.evaluate(Rows(REAL), verbose=0)
    np.testing.assert_allclose(found, expected, **CLOSE)


@pytest.mark.parametrize("steps_per_execution", [1, 2])
def test_predict_takes_them_all(steps_per_execution):
    gan = make(table(1, 1), steps_per_execution=steps_per_execution)
    latents = table(1, 1, share=20)[0, 0]
    expected = (latents @ gan.generator.get_weights()[0]).reshape(20, 2, 2, 1)
    for data, arguments in (
        (latents, {"batch_size": BATCH}),
        (generated(latents), {}),
        (Rows(latents), {}),
    ):
        found = gan.predict(data, verbose=0, **arguments)
        np.testing.assert_allclose(found, expected, **CLOSE)


def test_evaluate_and_predict_take_tensorflow_s_data(on_tensorflow):
    gan = make(table(1, 1))
    expected = losses_in_numpy(gan, gan.table[0, 0])
    found = gan.evaluate(dataset(REAL), verbose=0)
    np.testing.assert_allclose(found, expected, **CLOSE)
    latents = table(1, 1, share=20)[0, 0]
    np.testing.assert_array_equal(
        gan.predict(dataset(latents), verbose=0),
        gan.predict(latents, batch_size=BATCH, verbose=0),
    )


@pytest.mark.parametrize("kind", ["tuple", "generator", "split"])
def test_validation(kind):
    gan = make(table(STEPS + 1, 2))
    # The same latents in every turn: which one a trace takes does not matter.
    gan.table[STEPS] = gan.table[STEPS, :1]
    data, arguments = SOURCES["array"](REAL)
    arguments |= {
        "tuple": {"validation_data": (REAL,)},
        "generator": {
            "validation_data": endless(REAL),
            "validation_steps": STEPS,
        },
        "split": {"validation_split": 0.5},
    }[kind]
    if kind == "split":
        data = np.concatenate([REAL, REAL])
        del arguments["y"]
    peer, logs = steps_in_numpy(gan, 1)
    history = gan.fit(data, verbose=0, **arguments).history
    check_networks(gan, peer)
    np.testing.assert_allclose([history[n][0] for n in NAMES], logs, **CLOSE)
    np.testing.assert_allclose(
        [history[f"val_{name}"][0] for name in NAMES],
        losses_in_numpy(gan, gan.table[STEPS, 0]),
        **CLOSE,
    )
    assert int(gan.steps) == STEPS


def test_one_batch_at_a_time():
    gan = make(table(2))
    # Where evaluation is traced first, too.
    gan.table[:] = gan.table[:, :1]
    latents = gan.table[:, 0]
    batches = REAL[:BATCH], REAL[BATCH : 2 * BATCH]
    peer, expected = NumpyGAN(gan), []
    for batch, z in zip(batches, latents):
        loss, on_real, on_fake = peer.discriminator_step(batch, z)
        expected.append([loss, peer.generator_step(z), on_real, on_fake])
    np.testing.assert_allclose(
        gan.train_on_batch(batches[0]), expected[0], **CLOSE
    )
    # Keras 3.14 reports the mean of all calls so far.
    gan.reset_metrics()
    logs = gan.train_on_batch(batches[1], return_dict=True)
    np.testing.assert_allclose(
        [logs[name] for name in NAMES], expected[1], **CLOSE
    )
    check_networks(gan, peer)
    gan.table[1] = gan.table[0]
    gan.steps.assign(0)
    gan.reset_metrics()
    logs = gan.test_on_batch(batches[0], return_dict=True)
    still = NumpyGAN(gan, rates=(0, 0))
    loss, on_real, on_fake = still.discriminator_step(batches[0], latents[0])
    np.testing.assert_allclose(
        [logs[name] for name in NAMES],
        [loss, still.generator_step(latents[0]), on_real, on_fake],
        **CLOSE,
    )
    check_networks(gan, peer)
    np.testing.assert_allclose(
        np.reshape(gan.predict_on_batch(latents[0]), (BATCH, -1)),
        latents[0] @ peer.a,
        **CLOSE,
    )


@pytest.mark.parametrize("shape", [(3, 3, 1), (2, 2), (2, 2, 3)])
def test_a_batch_of_another_shape_is_rejected(shape):
    """test_real_images.py has the data of `fit` and `evaluate`."""
    gan = NonSaturatingGAN(*gan_models.linear_networks())
    gan.compile("sgd", "sgd")
    with pytest.raises(ValueError) as caught:
        gan.train_on_batch(images(BATCH, shape))
    assert "must have the discriminator's shape (None, 2, 2, 1)" in str(
        caught.value
    )


@pytest.mark.parametrize("call", ["predict", "__call__"])
def test_latents_of_another_shape_are_rejected(call):
    gan = NonSaturatingGAN(*gan_models.linear_networks())
    gan.compile("sgd", "sgd")
    with pytest.raises(ValueError, match="incompatible with") as caught:
        getattr(gan, call)(images(BATCH, (5,)))
    assert "expected shape=(None, 3), found " in str(caught.value)
    # The weights are still there.
    assert gan.predict(images(BATCH, (3,)), verbose=0).shape[0] == BATCH
