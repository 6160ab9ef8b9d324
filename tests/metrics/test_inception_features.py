import numpy as np
import pytest
from keras import ops

from kerasgan.metrics.inception import features as module
from kerasgan.metrics.inception.features import (
    inception_features,
    inception_protocol,
    stream_inception_features,
)
from kerasgan.metrics.inception.resize import network_input
from kerasgan.metrics.inception.weights import load_inception


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 16, 24, 3), np.uint8)


@pytest.fixture
def means(monkeypatch, images):
    """A network at no cost: the mean colors of what it sees."""

    def compile_inference(model, function):
        assert model.name == "inception_mixed_7"

        def run(batch):
            found = function(lambda x: ops.mean(x, (1, 2)), batch)
            return ops.convert_to_numpy(found)

        return run

    monkeypatch.setattr(module, "compile_inference", compile_inference)
    found = {}
    for resize in ("legacy", "clean"):
        seen = network_input(ops.convert_to_tensor(images), resize)
        found[resize] = ops.convert_to_numpy(ops.mean(seen, (1, 2)))
    return found


@pytest.mark.integration
def test_the_batch_size_does_not_matter(images, inception_file):
    found, expected = (
        inception_features(images, weights=inception_file, batch_size=size)
        for size in (2, 5)
    )
    assert found.shape == (5, 768)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
    # No image is another's, nor the padding.
    assert np.abs(found[1:] - found[:-1]).max(1).min() > 1e-2


@pytest.mark.parametrize("resize", ["legacy", "clean"])
def test_images_are_resized_and_scaled(resize, means, images, inception_file):
    found = inception_features(
        images, weights=inception_file, resize=resize, batch_size=2
    )
    np.testing.assert_allclose(found, means[resize], rtol=0, atol=1e-6)
    assert np.abs(means["legacy"] - means["clean"]).max() > 1e-3


def test_gray_images_are_those_of_equal_channels(means, images, inception_file):
    gray = images[:1, ..., :1]
    found, expected = (
        inception_features(x, weights=inception_file)
        for x in (gray, np.repeat(gray, 3, axis=-1))
    )
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1, 1), (4, 0, 1), (5,)])
def test_batches_of_any_size(sizes, means, images, inception_file):
    ends = np.cumsum(sizes)
    batches = (images[end - n : end] for n, end in zip(sizes, ends))
    found = list(
        stream_inception_features(batches, weights=inception_file, batch_size=2)
    )
    assert [len(part) for part in found] == [2, 2, 1]
    np.testing.assert_allclose(
        np.concatenate(found), means["legacy"], rtol=0, atol=1e-6
    )


def test_one_array_filled_again_and_again(means, images, inception_file):
    def batches():
        batch = np.empty_like(images[:1])
        for image in images:
            batch[:] = image
            yield batch

    found = inception_features(batches(), weights=inception_file, batch_size=2)
    np.testing.assert_allclose(found, means["legacy"], rtol=0, atol=1e-6)


def test_a_memory_map(means, images, inception_file, tmp_path):
    np.save(tmp_path / "images.npy", images)
    found = inception_features(
        np.load(tmp_path / "images.npy", mmap_mode="r"), weights=inception_file
    )
    np.testing.assert_allclose(found, means["legacy"], rtol=0, atol=1e-6)


def test_progress(means, images, inception_file):
    calls = []

    def progress(done, total):
        calls.append((done, total))

    options = {"weights": inception_file, "batch_size": 2, "progress": progress}
    inception_features(images, **options)
    inception_features(iter([images[:3]]), **options)
    assert calls == [(2, 5), (4, 5), (5, 5), (2, None), (3, None)]


def test_a_stream_holds_one_batch(means, inception_file):
    """Whoever makes the images is asked for them as features are taken."""
    asked = []

    def batches():
        for i in range(100):
            asked.append(i)
            yield np.full((3, 8, 8, 3), i, np.uint8)

    stream = stream_inception_features(
        batches(), weights=inception_file, batch_size=4
    )
    assert asked == []
    found = next(stream)[:, 0] * 128 + 128
    np.testing.assert_allclose(found, [0, 0, 0, 1], atol=1e-3)
    assert asked == [0, 1]
    assert sum(len(part) for part in stream) == 296


def test_no_image(inception_file):
    none = np.zeros((0, 8, 8, 3), np.uint8)
    for images in (none, iter([])):
        with pytest.raises(ValueError, match="at least one image"):
            inception_features(images, weights=inception_file)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 8, 8, 3), np.float32),
        np.zeros((2, 8, 8, 2), np.uint8),
        np.zeros((8, 8, 3), np.uint8),
        [np.zeros((8, 8, 3), np.uint8)],
    ],
)
def test_bad_images(images, inception_file):
    with pytest.raises(ValueError, match="Images must be uint8"):
        inception_features(images, weights=inception_file)


def test_images_of_two_sizes(means, inception_file):
    batches = [np.zeros((1, side, 8, 3), np.uint8) for side in (8, 10)]
    with pytest.raises(ValueError, match=r"one size.*\(1, 10, 8, 3\)"):
        inception_features(batches, weights=inception_file)


@pytest.mark.parametrize(
    "wrong",
    [{"batch_size": 0}, {"batch_size": 1.5}, {"resize": "area"}],
)
def test_bad_arguments_are_told_at_once(wrong, images, inception_file):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"Received: {name}="):
        stream_inception_features(images, weights=inception_file, **wrong)


def test_protocol(inception_file):
    found = inception_protocol(weights=inception_file, resize="clean")
    _, digest = load_inception("mixed_7", inception_file)
    assert found == {
        "network": "inception-2015-12-05",
        "features": "mixed_7",
        "dimensions": 768,
        "resize": "clean",
        "weights_sha256": digest,
    }
    with pytest.raises(ValueError, match="resize='area'"):
        inception_protocol(weights=inception_file, resize="area")
