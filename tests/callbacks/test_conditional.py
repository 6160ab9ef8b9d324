"""Callbacks that look at generators, of conditional ones."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image
from small_networks import tiny_conditional

from kerasgan import callbacks, metrics, sampling
from kerasgan.utils import image_grids

NAMES = ["ant", "bee", "cat"]


@pytest.fixture(scope="module", params=[(4, 4, 3), (6, 4, 1)])
def gan(request):
    generator = tiny_conditional(NAMES, image_shape=request.param)
    return SimpleNamespace(generator=generator, ema_generator=None, steps=7)


@pytest.fixture(scope="module")
def images(gan):
    random = np.random.default_rng(0)
    shape = gan.generator.output_shape[1:]
    return random.integers(0, 256, (6, *shape), np.uint8)


def test_sample_grids_have_a_row_a_class(gan, tmp_path):
    for count, columns in ((10, 3), (5, None)):
        callback = callbacks.SampleGrid(tmp_path, count=count, seed=2)
        callback.set_model(gan)
        drawn = sampling.sample(
            gan.generator,
            columns or count,
            seed=2,
            label="all" if columns else None,
        )
        np.testing.assert_array_equal(
            Image.open(callback.draw()), image_grids.grid(drawn, columns)
        )


@pytest.mark.parametrize("labels", [None, [0, 1, 2, 0, 1, 2]])
def test_reconstruction_error(gan, images, labels, tmp_path):
    callback = callbacks.ReconstructionError(
        images, steps=3, folder=tmp_path, labels=labels
    )
    callback.set_model(gan)
    numbers = callback.measure(gan.generator)
    assert numbers == callback.measure(gan.generator)
    given = sampling.labels(6, 3) if labels is None else labels
    expected = [
        metrics.reconstruction_error(
            gan.generator, image[None], steps=3, labels=int(label)
        ).mean
        for image, label in zip(images, given)
    ]
    assert numbers["reconstruction_error"] == pytest.approx(
        np.mean(expected), rel=1e-4
    )
    assert (tmp_path / "pairs_0000007.png").exists()


def test_distances_and_collapse_draw_classes(gan, images, monkeypatch):
    seen = []

    def stand_in(images, **options):
        batches = images if not hasattr(images, "ndim") else [images]
        for batch in batches:
            seen.append(batch)
            yield np.asarray(batch, "float64").reshape(len(batch), -1)[:, :2]

    monkeypatch.setattr(metrics, "stream_inception_features", stand_in)
    monkeypatch.setattr(
        metrics,
        "inception_protocol",
        lambda *_: {
            "dimensions": 2,
            "resize": "legacy",
            "weights_sha256": "0" * 64,
        },
    )
    distance = callbacks.FrechetDistance(images, count=5, seed=4)
    assert np.isfinite(distance.measure(gan.generator)["fid768"])
    drawn = sampling.sample(gan.generator, 5, seed=4)
    np.testing.assert_array_equal(seen[-1], drawn)
    collapse = callbacks.ModeCollapse(
        images, count=5, seed=4, least_diversity=0.0
    )
    collapse.set_model(gan)
    found = metrics.diversity(drawn, metrics.References(images))
    numbers = collapse.measure(gan.generator)
    assert numbers["sample_diversity"] == found.relative


def test_unknown_classes_are_told_before_the_training(tmp_path, images):
    latents = keras.Input((4,))
    labels = keras.Input((), dtype="int32")
    hidden = keras.layers.Embedding(3, 4)(labels) + latents
    own = keras.Model([latents, labels], keras.layers.Dense(3)(hidden))
    for callback in (
        callbacks.SampleGrid(tmp_path),
        callbacks.ModeCollapse(images),
    ):
        callback.set_model(SimpleNamespace(generator=own, steps=0))
        with pytest.raises(ValueError, match="kerasgan.layers.OneHot"):
            callback.on_train_begin()
