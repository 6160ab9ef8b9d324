"""Sizes of images, as they are written in Python, recipes and commands."""

import operator
import re

from kerasgan.utils.typing import Any

_FORMS = "64, (64, 48) or (28, 28, 1); as text 64, 64x48 or 28x28x1"


def check_image_size(value: Any) -> tuple[int, int, int]:
    """Returns the `(height, width, channels)` of an image size.

    Args:
        value: the side of a square; `(height, width)`; or both and the number
            of channels, 1 (gray) or 3 (the default). Or such integers as text,
            with an `x` between them.

    Raises:
        ValueError: it is none of these, or a side is odd.
    """
    try:
        sizes = value
        if isinstance(value, str):
            # As text, YAML's [64, 48] is one, too.
            text = value.strip().removeprefix("[").removesuffix("]")
            sizes = [int(size) for size in re.split("[x,]", text)]
        elif hasattr(value, "__index__") and not isinstance(value, bool):
            sizes = [value]
        height, *others = map(operator.index, sizes)
        width, channels = {
            0: lambda: (height, 3),
            1: lambda: (*others, 3),
            2: lambda: others,
        }[len(others)]()
    except (TypeError, ValueError, KeyError):
        height = width = channels = 0
    if min(height, width) < 1 or channels not in (1, 3):
        raise ValueError(
            "Expected a positive side, (height, width), or (height, width, 1 or 3 "
            f"channels), such as {_FORMS}. Received: image_size={value}"
        )
    if height % 2 or width % 2:
        raise ValueError(
            "Expected an even height and width, because the networks halve "
            f"them. Received: image_size={value}"
        )
    return height, width, channels


def shortest(shape):
    """Returns the shortest form of a size: `64`, `(64, 48)` or `(28, 28, 1)`.

    Args:
        shape: `(height, width, channels)`.
    """
    height, width, channels = shape
    if channels != 3:
        return shape
    return height if height == width else (height, width)


def size_in_words(size):
    """Returns `"64x48"`, or `"28x28, gray"`.

    Args:
        size: as of `check_image_size`.
    """
    height, width, channels = check_image_size(size)
    return f"{height}x{width}" + (", gray" if channels == 1 else "")
