import os

import numpy as np
import pytest
from PIL import Image

from kerasgan.utils import image_grids


def numbered(count, height=2, width=3, channels=3):
    """Images that are filled with their own number, from 1."""
    fill = np.arange(1, count + 1, dtype=np.uint8)[:, None, None, None]
    return np.broadcast_to(fill, (count, height, width, channels))


def test_grid_pixel_by_pixel():
    image = image_grids.grid(numbered(5, 1, 2), padding=1)
    expected = [
        [255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
        [255, 1, 1, 255, 2, 2, 255, 3, 3, 255],
        [255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
        [255, 4, 4, 255, 5, 5, 255, 255, 255, 255],
        [255, 255, 255, 255, 255, 255, 255, 255, 255, 255],
    ]
    assert image.dtype == np.uint8 and image.shape == (5, 10, 3)
    for channel in range(3):
        assert image[:, :, channel].tolist() == expected


def test_grid_keeps_colours_and_rows_apart():
    images = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3), np.uint8)
    image = image_grids.grid(images, columns=2, padding=3, background=7)
    assert image.shape == (3 + 3 * 7, 3 + 2 * 8, 3)
    np.testing.assert_array_equal(image[10:14, 11:16], images[3])
    assert (image[:3] == 7).all() and (image[:, -3:] == 7).all()


@pytest.mark.parametrize(
    "count, columns, shape",
    [
        (1, None, (2, 3, 3)),
        (4, None, (4, 6, 3)),
        (7, None, (6, 9, 3)),
        (64, None, (16, 24, 3)),
        (3, 8, (2, 9, 3)),
        (3, 1, (6, 3, 3)),
    ],
)
def test_grid_shapes(count, columns, shape):
    image = image_grids.grid(numbered(count), columns, padding=0)
    assert image.shape == shape


def test_gray_becomes_rgb():
    image = image_grids.grid(numbered(2, channels=1), padding=0)
    np.testing.assert_array_equal(
        image, image_grids.grid(numbered(2), padding=0)
    )


def test_strip_is_one_row():
    image = image_grids.strip(numbered(5, 1, 1), padding=0)
    assert image[:, :, 0].tolist() == [[1, 2, 3, 4, 5]]


def test_pairs_stand_above_each_other():
    targets = numbered(3, 1, 1)
    image = image_grids.pairs(targets, targets + 100, columns=2, padding=1)
    expected = [
        [255, 255, 255, 255, 255],
        [255, 1, 255, 2, 255],
        [255, 101, 255, 102, 255],
        [255, 255, 255, 255, 255],
        [255, 3, 255, 255, 255],
        [255, 103, 255, 255, 255],
        [255, 255, 255, 255, 255],
    ]
    assert image[:, :, 0].tolist() == expected


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 4, 4, 3), np.float32),
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((0, 4, 4, 3), np.uint8),
        np.zeros((2, 4, 4, 4), np.uint8),
    ],
)
def test_what_is_no_stack_of_images_is_refused(images):
    for function in (image_grids.grid, image_grids.strip):
        with pytest.raises(ValueError, match="Received: images.shape="):
            function(images)
    with pytest.raises(ValueError, match="Received: targets.shape="):
        image_grids.pairs(images, images)


def test_bad_arguments():
    with pytest.raises(ValueError, match="Received: columns=0"):
        image_grids.grid(numbered(2), columns=0)
    with pytest.raises(ValueError, match="Received: padding=-1"):
        image_grids.grid(numbered(2), padding=-1)
    with pytest.raises(ValueError, match="Received: background=256"):
        image_grids.grid(numbered(2), background=256)
    with pytest.raises(ValueError, match="Received: shapes="):
        image_grids.pairs(numbered(2), numbered(3))


@pytest.mark.parametrize("shape", [(4, 5, 3), (4, 5, 1), (4, 5)])
def test_png_round_trip(tmp_path, shape):
    array = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    image_grids.save_png(array, tmp_path / "image")
    with Image.open(tmp_path / "image") as image:
        assert image.format == "PNG"
        np.testing.assert_array_equal(image, array.reshape(image_shape(shape)))
    assert os.listdir(tmp_path) == ["image"]


def image_shape(shape):
    return shape[:2] if shape[-1] == 1 else shape


def test_a_failed_png_leaves_the_old_one(tmp_path):
    path = tmp_path / "image.png"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="Received: shape="):
        image_grids.save_png(np.zeros((4, 4, 3)), path)
    assert path.read_bytes() == b"old" and len(os.listdir(tmp_path)) == 1


def test_png_without_a_folder(tmp_path):
    path = tmp_path / "nowhere" / "image.png"
    with pytest.raises(FileNotFoundError, match="Received: path=.*nowhere"):
        image_grids.save_png(np.zeros((4, 4, 3), np.uint8), path)


def test_png_into_this_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image_grids.save_png(np.zeros((4, 4, 3), np.uint8), "image.png")
    assert os.listdir() == ["image.png"]
