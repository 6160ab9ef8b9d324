"""A data set of coloured shapes, drawn: for tutorials, tests and first tries."""

import colorsys
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from kerasgan.utils.progress_bars import progress_bar
from kerasgan.utils.typing import Any, PathLike

# Drawn this much larger, and averaged: smooth edges.
_SCALE = 4
_BACKGROUND = (255, 255, 255)
_UNIT = {
    "circle": None,
    "diamond": [(0, -1), (1, 0), (0, 1), (-1, 0)],
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "triangle": [(0, -1), (1, 0.85), (-1, 0.85)],
}
SHAPES = tuple(_UNIT)


def draw_shapes(
    folder: PathLike,
    count: int = 2000,
    image_size: int = 32,
    seed: int = 0,
    progress: Any = None,
) -> Path:
    """Draws coloured shapes as PNG files, a sub-folder for each class.

    Each image has one circle, diamond, square or triangle of a random colour,
    place and size on white. The classes alternate, so that each has as
    many images as the others or one more or less; fewer images of a seed are
    the first of more.

    >>> folder = kerasgan.data.draw_shapes("shapes", count=2000)
    >>> images = kerasgan.data.load(folder, image_size=32, labels=True)

    Args:
        folder: where to draw; must not exist, or be empty.
        count: number of images, at least 1.
        image_size: side of each image in pixels, at least 8.
        seed: an integer of at least 0; the same seed draws the same images.
        progress: whether to draw a progress bar on stderr; `None` for one
            that appears after a second, if stderr is a terminal.

    Returns:
        The folder, as a `pathlib.Path`.

    Raises:
        FileExistsError: if the folder exists and is not empty.
        ValueError: if a number is below its smallest value.
    """
    for name, value, least in (
        ("count", count, 1),
        ("image_size", image_size, 8),
        ("seed", seed, 0),
    ):
        if value != int(value) or value < least:
            raise ValueError(
                f"{name} must be an integer from {least}. "
                f"Received: {name}={value}"
            )
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(
            "shapes are drawn into a new or empty folder. Received: "
            f"folder={os.fspath(folder)!r}"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Complete, or not there.
    part = Path(tempfile.mkdtemp(prefix=".shapes-", dir=folder.parent))
    try:
        with progress_bar("Drawing shapes", count, progress) as advance:
            for index in range(count):
                shape = SHAPES[index % len(SHAPES)]
                (part / shape).mkdir(exist_ok=True)
                _draw(shape, image_size, (seed, index)).save(
                    part / shape / f"{index:06d}.png"
                )
                advance()
        part.chmod(0o755)
        part.replace(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return folder


def _draw(shape, size, seeds):
    """Returns an RGB image of one shape."""
    from PIL import Image, ImageDraw

    generator = np.random.default_rng(seeds)
    hue, saturation, value, radius, x, y = generator.random(6)
    colour = colorsys.hsv_to_rgb(hue, 0.6 + 0.4 * saturation, 0.5 + 0.5 * value)
    radius = size * (0.24 + 0.12 * radius)
    x, y = (radius + (size - 2 * radius) * place for place in (x, y))
    image = Image.new("RGB", (size * _SCALE, size * _SCALE), _BACKGROUND)
    corners = _UNIT[shape] or [(-1, -1), (1, 1)]
    points = [
        ((x + radius * dx) * _SCALE, (y + radius * dy) * _SCALE)
        for dx, dy in corners
    ]
    draw = ImageDraw.Draw(image)
    outline = draw.ellipse if _UNIT[shape] is None else draw.polygon
    outline(points, fill=tuple(round(255 * part) for part in colour))
    return image.reduce(_SCALE)
