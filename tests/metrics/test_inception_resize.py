"""The resizes against TensorFlow's and Pillow's."""

import numpy as np
import pytest
from keras import ops
from PIL import Image

from kerasgan.metrics.inception.resize import (
    RESIZES,
    clean_matrix,
    legacy_matrix,
    network_input,
)

SIZES = [(64, 64), (32, 48), (299, 20), (299, 299), (160, 400), (512, 301)]

every_size = pytest.mark.parametrize("size", SIZES)
every_resize = pytest.mark.parametrize("resize", list(RESIZES))


def images(height, width):
    random = np.random.default_rng(height + width)
    return random.integers(0, 256, (2, height, width, 3), np.uint8)


def resized(images, resize):
    found = network_input(ops.convert_to_tensor(images), resize)
    found = ops.convert_to_numpy(found)
    assert found.dtype == np.float32 and found.shape[1:] == (299, 299, 3)
    # Exact, so that what is compared is the resize alone.
    zero = RESIZES[resize][-1]
    return found * zero + zero


@every_size
@pytest.mark.parametrize("resize", ["legacy", "pytorch"])
def test_bilinear_is_tensorflows(size, resize, on_tensorflow):
    import tensorflow as tf

    x = images(*size)
    expected = tf.compat.v1.image.resize_bilinear(
        x.astype("float32"),
        (299, 299),
        align_corners=False,
        half_pixel_centers=resize == "pytorch",
    )
    # Float32 tells places near 400 from each other to 3e-5.
    np.testing.assert_allclose(resized(x, resize), expected, atol=1e-2)


def test_legacy_by_hand():
    # Pixel i of the result lies at 2i/5 of the original.
    expected = [[1, 0], [0.6, 0.4], [0.2, 0.8], [0, 1], [0, 1]]
    np.testing.assert_allclose(legacy_matrix(2, 5), expected, atol=1e-7)
    # Where it shrinks, it skips: 0, 1.5, 3, 4.5.
    expected = np.zeros((4, 6))
    expected[[0, 2], [0, 3]] = 1
    expected[1, 1:3] = expected[3, 4:6] = 0.5
    np.testing.assert_allclose(legacy_matrix(6, 4), expected, atol=1e-7)


@every_size
def test_clean_is_pillows(size):
    x = images(*size)
    expected = [
        [
            Image.fromarray(channel.astype("float32")).resize(
                (299, 299), Image.Resampling.BICUBIC
            )
            for channel in np.moveaxis(image, -1, 0)
        ]
        for image in x
    ]
    expected = np.moveaxis(np.array(expected), 1, -1).clip(0, 255)
    np.testing.assert_allclose(resized(x, "clean"), expected, atol=1e-4)


@every_resize
def test_black_and_white_stay(resize):
    for value in (0, 255):
        x = np.full((1, 50, 70, 3), value, np.uint8)
        np.testing.assert_allclose(resized(x, resize), value, atol=1e-4)


def test_clean_overshoots_and_is_cut_off():
    assert clean_matrix(64, 299).min() < 0
    x = np.zeros((1, 64, 64, 3), np.uint8)
    x[:, 32:] = 255
    found = resized(x, "clean")
    assert found.min() == 0 and found.max() == 255


def test_the_scale():
    x = np.arange(299 * 299 * 3).reshape(1, 299, 299, 3).astype(np.uint8)
    images = ops.convert_to_tensor(x)
    found = ops.convert_to_numpy(network_input(images))
    np.testing.assert_array_equal(found, (x.astype("float32") - 128) / 128)
    # From 0 to 1, then from -1 to 1.
    found = ops.convert_to_numpy(network_input(images, "pytorch"))
    np.testing.assert_allclose(found, 2 * (x / 255) - 1, atol=1e-6)


def test_bad_resize():
    with pytest.raises(ValueError, match="resize='cubic'"):
        network_input(ops.convert_to_tensor(images(8, 8)), "cubic")
