"""The training images nearest to samples, with copies planted among them."""

import json

import numpy as np
import pytest
from one_line import refused
from PIL import Image
from typer.testing import CliRunner

import kerasgan.metrics
from kerasgan import metrics, sampling, zoo
from kerasgan.cli import app
from kerasgan.data import prepare
from kerasgan.evaluation import feature_store, neighbours
from kerasgan.evaluation.neighbours import nearest_images
from kerasgan.metrics.inception import weights as inception_weights
from kerasgan.utils import image_grids

TRAINING = {
    "steps": 10,
    "batch_size": 32,
    "images": 50,
    "device": "two cores",
    "wall_time_s": 1.0,
    "steps_per_s": 10.0,
    "kerasgan": "0.1",
    "keras": "3.12",
    "backend": "tensorflow",
}


def features(images):
    """A random projection, in place of the Inception network's."""
    rows = np.reshape(images, (len(images), -1)) / 255
    matrix = np.random.default_rng(0).normal(size=(rows.shape[1], 20))
    return (rows @ matrix).astype("float32")


def thumbnails(images):
    """Of 8x8 pixels, the pixels themselves."""
    rows = np.reshape(images, (len(images), -1)) / 255
    return rows / rows.shape[1] ** 0.5


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    def inception_features(images, progress, **options):
        progress(len(images), len(images))
        return features(images)

    monkeypatch.setattr(
        inception_weights, "last_features", lambda weights: "mixed_7"
    )
    monkeypatch.setattr(
        kerasgan.metrics, "inception_features", inception_features
    )
    monkeypatch.setattr(
        kerasgan.metrics,
        "inception_protocol",
        lambda kind, *_: {"features": kind, "dimensions": 20, "resize": "x"},
    )
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    # Several pieces, of which the last one is smaller.
    monkeypatch.setattr(feature_store, "_ROWS", 16)
    monkeypatch.setattr(neighbours, "_ROWS", 16)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def planted(add_entry, tmp_path):
    """An entry and a run of its weights; samples; images with three copies."""
    entry = add_entry("dots", weights=True)
    run = add_entry("run", weights=True, folder=tmp_path)
    samples = sampling.sample(zoo.load(run), 3, seed=4)
    random = np.random.default_rng(1)
    # Near the samples, so that the order of the others matters, too.
    noise = random.integers(-40, 41, (50, 8, 8, 3))
    images = np.clip(samples[np.arange(50) % 3] + noise, 0, 255)
    images = images.astype(np.uint8)
    images[::2] = images[::2, :, ::-1]
    images[37] = samples[0]
    images[49] = samples[1][:, ::-1]
    images[5] = samples[2] ^ 1
    np.save(tmp_path / "dots.npy", images)
    fingerprint = prepare(tmp_path / "dots.npy", image_size=8).fingerprint
    data = {"source": "dots.npy", "split": "all"}
    record = {**TRAINING, "data": {**data, "fingerprint": fingerprint[:16]}}
    for folder in (entry, run):
        (folder / "training.json").write_text(json.dumps(record))
    return entry, run, samples, images


def distances(rows_of, samples, images):
    """By brute force: `[N, M]`, and of the mirrored samples."""
    rows = rows_of(images).astype(float)[None]
    return [
        np.linalg.norm(rows_of(x).astype(float)[:, None] - rows, axis=2)
        for x in (samples, samples[:, :, ::-1])
    ]


@pytest.mark.parametrize("space", ["features", "pixels"])
def test_the_nearest_are_the_planted_copies(planted, space):
    _, run, samples, images = planted
    found = nearest_images(
        run, "dots.npy", space=space, count=3, nearest=20, seed=4
    )
    np.testing.assert_array_equal(found.samples, samples)
    assert found.index[:, 0].tolist() == [37, 49, 5]
    assert found.mirrored[:, 0].tolist() == [False, True, False]
    np.testing.assert_array_equal(found.images[:2, 0], samples[:2])
    rows_of = {"features": features, "pixels": thumbnails}[space]
    plain, mirrored = distances(rows_of, samples, images)
    both = np.minimum(plain, mirrored)
    order = both.argsort(axis=1)[:, :20]
    np.testing.assert_array_equal(found.index, order)
    np.testing.assert_allclose(
        found.distances, np.take_along_axis(both, order, 1), atol=1e-5
    )
    turned = np.take_along_axis(mirrored < plain, order, 1)
    np.testing.assert_array_equal(found.mirrored, turned)
    assert turned[:, 1:].any() and not turned.all()
    expected = np.where(
        turned[..., None, None, None],
        images[order][:, :, :, ::-1],
        images[order],
    )
    np.testing.assert_array_equal(found.images, expected)
    assert found.names[0][0] == prepare("dots.npy", image_size=8).names[37]
    assert (found.trained_on, found.protocol["images"]) == (True, 50)
    if space == "pixels":
        known = metrics.diversity(samples, metrics.References(images, True))
        np.testing.assert_allclose(
            found.distances[:, 0], known.nearest, atol=1e-7
        )


def call(*arguments):
    words = ["neighbours", *map(str, arguments)]
    return CliRunner().invoke(app, [*words, "--data", "dots.npy", "-n", "3"])


def test_the_command(planted, tmp_path):
    entry, run, samples, images = planted
    result = call(run, "--seed", 4, "--nearest", 2, "--space", "pixels")
    assert result.exit_code == 0, result.output
    assert "mirrored" in result.stdout
    assert "below 0.02, the same image to the eye, are 3 of 3" in result.stdout
    assert "50 images of dots.npy (all): the training images" in result.stdout
    drawn = np.asarray(Image.open(run / "neighbours.png"))
    found = nearest_images(
        run, "dots.npy", space="pixels", count=3, nearest=2, seed=4
    )
    rows = np.concatenate([samples[:, None], found.images], axis=1)
    expected = image_grids.grid(rows.reshape(-1, 8, 8, 3), columns=3)
    np.testing.assert_array_equal(drawn, expected)
    # Of an entry not in its folder.
    before = {*entry.iterdir()}
    np.save("dots.npy", images[1:])
    result = call(entry.name)
    assert result.exit_code == 0, result.output
    assert {*entry.iterdir()} == before
    assert (tmp_path / "dots.neighbours.png").exists()
    assert "49 images of dots.npy (all): other images" in result.stdout
    assert "Distances of 20 Inception features." in result.stdout


def test_what_is_refused(planted):
    entry, run, *_ = planted
    refused(call(run, "--space", "words"), "space='words'")
    refused(call(entry.name, "-o", entry / "x.png"), "outside of the zoo")
    refused(call(run, "--nearest", 51, "--space", "pixels"), "nearest=51")
