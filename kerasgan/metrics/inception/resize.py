"""From uint8 images to what the Inception network sees."""

import math

import numpy as np
from keras import ops

from kerasgan.metrics.inception.network import INPUT_SIZE


def network_input(images, resize="legacy"):
    """Resizes images to 299x299 and scales them as (x - 128) / 128.

    The resizes are linear along each axis, hence two small matrix products,
    the same on every backend. The images are scaled before them: that is exact
    for integers, and resized constants stay constants.

    Args:
        images: uint8 tensor `[N, height, width, 3]`, height and width known.
        resize: `"legacy"`: TensorFlow's first bilinear resize (`align_corners`
            and `half_pixel_centers` false), the one inside of the graph of the
            reference FID (bioinf-jku/TTUR); it skips pixels where it shrinks.
            `"clean"`: Pillow's antialiased bicubic resize of each channel in
            float32, cut off at 0 and 255, as in clean-fid. `"pytorch"`: the
            bilinear resize of PyTorch with half pixel centers, not antialiased,
            and the scale x / 127.5 - 1, as in pytorch-fid.

    Returns:
        float32 tensor `[N, 299, 299, 3]`, from -1 to 127/128, or to 1.

    Raises:
        ValueError: another name.

    Reference:
        Parmar, Zhang and Zhu, "On Aliased Resizing and Surprising Subtleties
        in GAN Evaluation", arXiv 2104.11222.
    """
    check_resize(resize)
    matrix, overshoots, zero = RESIZES[resize]
    _, height, width, channels = images.shape
    x = (ops.cast(images, "float32") - zero) / zero
    # Width first, as in both originals; a size that fits is left alone.
    if width != INPUT_SIZE:
        x = ops.transpose(x, (0, 3, 1, 2))
        x = ops.matmul(x, matrix(width, INPUT_SIZE).T)
        x = ops.transpose(x, (0, 2, 3, 1))
    if height != INPUT_SIZE:
        x = ops.reshape(x, (-1, height, INPUT_SIZE * channels))
        x = ops.matmul(matrix(height, INPUT_SIZE), x)
        x = ops.reshape(x, (-1, INPUT_SIZE, INPUT_SIZE, channels))
    return ops.clip(x, -1.0, 127.0 / 128.0) if overshoots else x


def check_resize(resize):
    """Raises a ValueError unless `resize` is a name in `RESIZES`."""
    if resize not in RESIZES:
        raise ValueError(
            f"Expected one of {', '.join(RESIZES)}. Received: resize={resize!r}"
        )


def legacy_matrix(size, new_size):
    """Returns TensorFlow's bilinear weights without half pixel centers.

    Pixel i of the result lies at i * size / new_size of the original, computed
    in float32 as in TensorFlow, between the pixel below and the one above.

    Returns:
        float32 array `[new_size, size]`; each row's sum is 1.
    """
    place = np.arange(new_size, dtype=np.float32) * np.float32(
        np.float32(size) / np.float32(new_size)
    )
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, size - 1)
    fraction = place - below.astype(np.float32)
    matrix = np.zeros((new_size, size), np.float32)
    rows = np.arange(new_size)
    np.add.at(matrix, (rows, below), 1 - fraction)
    np.add.at(matrix, (rows, above), fraction)
    return matrix


def pytorch_matrix(size, new_size):
    """Returns PyTorch's bilinear weights with half pixel centers.

    Pixel i of the result lies at (i + 1/2) * size / new_size - 1/2 of the
    original, or at its border.

    Returns:
        float32 array `[new_size, size]`; each row's sum is 1.
    """
    place = (np.arange(new_size) + 0.5) * (size / new_size) - 0.5
    unit = np.eye(size)
    columns = [np.interp(place, np.arange(size), row) for row in unit]
    return np.stack(columns, axis=1).astype(np.float32)


def clean_matrix(size, new_size):
    """Returns Pillow's bicubic weights (a = -1/2), wider where it shrinks.

    Returns:
        float32 array `[new_size, size]`; each row's sum is 1.
    """
    scale = size / new_size
    stretch = max(scale, 1.0)
    matrix = np.zeros((new_size, size))
    for row in range(new_size):
        center = (row + 0.5) * scale
        first = max(math.floor(center - 2 * stretch + 0.5), 0)
        last = min(math.floor(center + 2 * stretch + 0.5), size)
        places = np.arange(first, last)
        weights = _bicubic((places + 0.5 - center) / stretch)
        matrix[row, first:last] = weights / weights.sum()
    return matrix.astype(np.float32)


def _bicubic(x):
    x = np.abs(x)
    return np.where(
        x < 1,
        (1.5 * x - 2.5) * x**2 + 1,
        np.where(x < 2, ((-0.5 * x + 2.5) * x - 4) * x + 2, 0.0),
    )


# name -> (the matrix of one axis, whether to cut off what overshoots, the value
# that becomes zero, and by which is divided)
RESIZES = {
    "legacy": (legacy_matrix, False, 128.0),
    "clean": (clean_matrix, True, 128.0),
    "pytorch": (pytorch_matrix, False, 127.5),
}
