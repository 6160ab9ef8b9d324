"""Batches that are made on a device; here JAX's CPU takes the part of one."""

import gc
import types

import keras
import numpy as np
import pytest

from kerasgan import gans
from kerasgan.architectures import dcgan
from kerasgan.data import Batches
from kerasgan.data.floats import to_float
from kerasgan.data.streams_keras import endless

jax = pytest.importorskip("jax", reason="needs kerasgan[jax]")
from kerasgan.data import device_images


def batches(labels=False, **options):
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (23, 4, 6, 3), np.uint8)
    if labels:
        images = types.SimpleNamespace(
            images=images,
            labels=random.integers(0, 3, 23, np.int32),
            classes=["a", "b", "c"],
        )
    return Batches(images, 4, **options)


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("part", [(0, 1), (1, 2)])
def test_batches_are_those_of_the_host(shuffle, flip, part):
    drawn = batches(shuffle=shuffle, flip=flip, part=part, seed=3)
    for step in (0, 1, 4, 5, 17):
        (batch,) = device_images.batch(drawn, step)
        assert isinstance(batch, jax.Array)
        np.testing.assert_array_equal(batch, to_float(drawn.batch(step)))


def test_labels_come_with_their_images():
    drawn = batches(labels=True)
    images, labels = device_images.batch(drawn, 6)
    expected, own = drawn.batch(6)
    np.testing.assert_array_equal(images, to_float(expected))
    np.testing.assert_array_equal(labels, own)


def test_every_grey_level_is_the_same_number():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    drawn = Batches(images, 1, flip=False)
    (batch,) = device_images.batch(drawn, 0)
    np.testing.assert_array_equal(batch, to_float(images))


def test_images_are_sent_once_and_go_with_their_batches(monkeypatch):
    sent = []
    put = jax.device_put
    monkeypatch.setattr(
        jax,
        "device_put",
        lambda x, *more: (sent.append(x.shape), put(x, *more))[1],
    )
    drawn = batches()
    for step in range(9):
        device_images.batch(drawn, step)
    assert sent == [(23, 4, 6, 3), (256,)]
    assert drawn in device_images._sent
    before = len(device_images._sent)
    del drawn
    gc.collect()
    assert len(device_images._sent) == before - 1


def device(platform="gpu", memory=1 << 20):
    return types.SimpleNamespace(
        platform=platform, memory_stats=lambda: {"bytes_limit": memory}
    )


@pytest.mark.parametrize(
    ("there", "processes", "expected"),
    [
        (device(), 1, True),
        (device("cpu"), 1, False),
        (device(memory=6000), 1, False),
        (device(), 2, False),
    ],
)
def test_images_lie_on_an_accelerator_that_has_room(
    monkeypatch, there, processes, expected
):
    # 23 images of 72 bytes.
    monkeypatch.setattr(jax, "local_devices", lambda: [there])
    monkeypatch.setattr(jax, "process_count", lambda: processes)
    assert device_images.fits(batches()) is expected


@pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="TensorFlow reads tf.data"
)
def test_a_stream_takes_them_from_there(monkeypatch):
    assert isinstance(endless(batches())[0], np.ndarray)
    monkeypatch.setattr(device_images, "fits", lambda batches: True)
    drawn = batches()
    stream = endless(drawn, 2)
    for index in range(7):
        (batch,) = stream[index]
        assert isinstance(batch, jax.Array)
        np.testing.assert_array_equal(batch, to_float(drawn.batch(2 + index)))


@pytest.mark.skipif(
    keras.backend.backend() != "jax", reason="TensorFlow reads tf.data"
)
@pytest.mark.parametrize("steps_per_execution", [1, 3])
def test_a_training_by_them_is_the_same(monkeypatch, steps_per_execution):
    def trained():
        random = np.random.default_rng(0)
        images = random.integers(0, 256, (24, 16, 16, 3), np.uint8)
        keras.utils.set_random_seed(0)
        gan = gans.NonSaturatingGAN(*dcgan((16, 16, 3), 4, 4), seed=0)
        gan.compile("adam", "adam", steps_per_execution=steps_per_execution)
        stream = Batches(images, 4).stream()
        gan.fit(stream, steps_per_epoch=6, verbose=0)
        return gan.get_weights()

    by_host = trained()
    monkeypatch.setattr(device_images, "fits", lambda batches: True)
    for one, other in zip(by_host, trained(), strict=True):
        np.testing.assert_array_equal(one, other)
