"""Images in NumPy files."""

import numpy as np
import pytest

from kerasgan.data import prepare

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 5, 7, 3), np.uint8)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))


def test_an_array(tmp_path):
    np.save(tmp_path / "a.npy", IMAGES)
    prepared = prepare(tmp_path / "a.npy", image_size=None)
    np.testing.assert_array_equal(prepared.images, IMAGES)
    assert (prepared.split, prepared.names[3]) == ("all", "03")


def test_labels_and_splits_of_an_archive(tmp_path):
    gray, path = IMAGES[..., 0], tmp_path / "a.npz"
    labels = np.array([7, 2, 7, 2, 3, 3, 2, 7])
    np.savez(
        path,
        x_train=gray[:8],
        y_train=labels,
        x_test=gray[8:],
        y_test=labels[:4, None],
    )
    train = prepare(path, image_size=None, labels=True)
    with pytest.warns(UserWarning, match="No image of 1 of 3 classes"):
        test = prepare(path, None, image_size=None, labels=True)
    assert train.classes == test.classes == ["2", "3", "7"]
    assert train.labels.tolist() == [2, 0, 2, 0, 1, 1, 0, 2]
    assert test.labels.tolist() == [2, 0, 2, 0]
    assert (train.split, test.split) == ("train", "test")
    np.testing.assert_array_equal(test.images[..., 1], gray[8:])
    both = prepare(path, "all", image_size=None)
    assert len(both) == 12
    with pytest.raises(ValueError, match="splits test, train.*split=val"):
        prepare(path, "val")


def test_transparent_pixels_become_white(tmp_path):
    alpha = np.eye(12, 35, dtype=np.uint8).reshape(12, 5, 7, 1)
    np.savez(tmp_path / "a.npz", images=np.concatenate([IMAGES, alpha], -1))
    images = prepare(tmp_path / "a.npz", image_size=None).images
    assert images.reshape(12, -1)[0, 3:].min() == 255


@pytest.mark.parametrize(
    "arrays, message",
    [
        ({"images": IMAGES / 255}, r"images is float64 \(12, 5, 7, 3\)"),
        ({"x": IMAGES.transpose(0, 3, 1, 2)}, r"x is uint8 \(12, 3, 5, 7\)"),
        ({"faces": IMAGES}, "there are only faces"),
        ({"x_a": IMAGES, "x_b": IMAGES[:, :4]}, "one shape in all splits"),
        ({"x": IMAGES, "y": np.array([None])}, "without Python objects"),
    ],
)
def test_other_arrays(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        prepare(tmp_path / "a.npz", "all")


def test_labels_of_some_splits_or_of_too_few_images(tmp_path):
    path, labels = tmp_path / "a.npz", np.arange(12) % 2
    np.savez(path, x_train=IMAGES, y_train=labels, x_test=IMAGES)
    train = prepare(path, image_size=None, labels=True)
    assert train.labels.tolist() == labels.tolist()
    np.savez(path, x=IMAGES, y=labels[1:])
    assert prepare(path, image_size=None).labels is None
    with pytest.raises(ValueError, match="one for each image, but there are n"):
        prepare(path, image_size=None, labels=True)


def test_a_damaged_file(tmp_path):
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(ValueError, match="sound .npy or .npz file"):
        prepare(tmp_path / "a.npy")
    np.savez_compressed(tmp_path / "b.npz", images=IMAGES)
    content = bytearray((tmp_path / "b.npz").read_bytes())
    content[len(content) // 2] ^= 255
    (tmp_path / "b.npz").write_bytes(content)
    with pytest.raises(ValueError, match="sound .npy or .npz file"):
        prepare(tmp_path / "b.npz")
