"""Many images as one, and one image as a file."""

import math
import os

import numpy as np

from kerasgan.utils.files import atomic_write


def grid(
    images: np.ndarray,
    columns: int | None = None,
    padding: int = 2,
    background: int = 255,
) -> np.ndarray:
    """Lays images out in rows, as one image.

    Args:
        images: uint8 array of shape `[N, height, width, channels]`, N at least
            1, with 1 (gray) or 3 channels.
        columns: images a row, at least 1; by default the grid is as square as it can be.
        padding: pixels between images and around them, at least 0.
        background: the gray value, 0 to 255, of the padding and of the places
            that stay empty.

    Returns:
        uint8 array of shape `[grid height, grid width, 3]`.

    Raises:
        ValueError: an argument of another shape, type or range.

    Example:
        >>> images = np.zeros((6, 32, 32, 3), "uint8")
        >>> kerasgan.grid(images, columns=3).shape
        (70, 104, 3)
    """
    images = _rgb("images", images)
    count, height, width, _ = images.shape
    if columns is None:
        columns = math.ceil(math.sqrt(count))
    if columns < 1:
        raise ValueError(
            f"`columns` must be at least 1. Received: columns={columns}"
        )
    if padding < 0:
        raise ValueError(
            f"`padding` must be at least 0. Received: padding={padding}"
        )
    if not 0 <= background <= 255:
        raise ValueError(
            f"`background` must be 0 to 255. Received: background={background}"
        )
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    down, right = height + padding, width + padding
    shape = (rows * down + padding, columns * right + padding, 3)
    grid = np.full(shape, background, np.uint8)
    for index, image in enumerate(images):
        top = padding + index // columns * down
        left = padding + index % columns * right
        grid[top : top + height, left : left + width] = image
    return grid


def strip(images, padding=2, background=255):
    """Lay images out in one row, as `grid` does."""
    return grid(images, max(len(images), 1), padding, background)


def pairs(targets, reconstructions, columns=None, padding=2, background=255):
    """Lay pairs out in rows, each target right above its reconstruction.

    Args:
        targets: uint8 array of shape `[N, height, width, channels]`.
        reconstructions: uint8 array of the same shape.
        columns, padding, background: as in `grid`, for whole pairs.

    Returns:
        uint8 array of shape `[grid height, grid width, 3]`.

    Raises:
        ValueError: an argument of another shape, type or range.
    """
    targets = _rgb("targets", targets)
    reconstructions = _rgb("reconstructions", reconstructions)
    if targets.shape != reconstructions.shape:
        raise ValueError(
            "Targets and reconstructions must have one shape. Received: "
            f"shapes={targets.shape}, {reconstructions.shape}"
        )
    tiles = np.concatenate([targets, reconstructions], axis=1)
    return grid(tiles, columns, padding, background)


def save_png(array, path):
    """Write an image as a PNG file, which appears only when it is complete.

    Args:
        array: uint8 array of shape `[height, width, 3]`,
            `[height, width, 1]` or `[height, width]`.
        path: where to write the file. An existing file is replaced.

    Raises:
        ValueError: an array of another shape or type.
        FileNotFoundError: the folder does not exist.
    """
    from PIL import Image

    array = np.asarray(array)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if (
        array.dtype != np.uint8
        or not array.size
        or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3))
    ):
        raise ValueError(
            "An image must be uint8 of shape (height, width, 1 or 3) or "
            f"(height, width). Received: shape={array.shape}, "
            f"dtype={array.dtype}"
        )
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"The folder of the image does not exist. Received: path={path}"
        )
    with atomic_write(path) as file:
        Image.fromarray(np.ascontiguousarray(array)).save(file, format="PNG")


def save_gif(images, path, seconds=0.1):
    """Write images as an animated GIF file, which repeats for ever.

    Args:
        images: uint8 array of shape `[N, height, width, channels]`, N at least
            1, with 1 (gray) or 3 channels.
        path: the file, which appears only when it is complete.
        seconds: how long each image is shown.

    Raises:
        ValueError: an array of another shape or type.
    """
    from PIL import Image

    # A palette of 256 colours for each image.
    first, *others = (
        Image.fromarray(image).quantize() for image in _rgb("images", images)
    )
    with atomic_write(path) as file:
        first.save(
            file,
            format="GIF",
            save_all=True,
            append_images=others,
            duration=round(1000 * seconds),
            loop=0,
        )


def _rgb(name, images):
    images = np.asarray(images)
    if (
        images.dtype != np.uint8
        or images.ndim != 4
        or not images.size
        or images.shape[3] not in (1, 3)
    ):
        raise ValueError(
            f"`{name}` must be uint8 of shape (N, height, width, 1 or 3), N at "
            f"least 1. Received: {name}.shape={images.shape}, "
            f"dtype={images.dtype}"
        )
    return np.broadcast_to(images, images.shape[:3] + (3,))
