"""Image sizes level by level, and the checks of arguments."""


def levels(height, width, count=None):
    """Returns the sizes from the image down to the smallest map.

    A side that is 2 mod 4 is padded by one pixel at both ends before it is
    halved, so that the next side is even again; the last level is halved as it
    is.

    Args:
        height: even, in pixels.
        width: even, in pixels.
        count: number of levels, so that both sides have at least `2**count`
            pixels. Defaults to `None`: levels are added while the smaller side
            is at least 8.

    Returns:
        A list of the `(pad_height, pad_width)` of each level from the
        image's on, and the final `(height, width)`.
    """
    margins = []
    size = (height, width)
    while min(size) >= 8 if count is None else len(margins) < count:
        if count is None:
            last = min(size) // 2 < 8
        else:
            last = len(margins) == count - 1
        margin = tuple(0 if last or n % 4 == 0 else 1 for n in size)
        margins.append(margin)
        size = tuple((n + 2 * m) // 2 for n, m in zip(size, margin))
    return margins, size


def capped(channels, most):
    """Returns channels of levels, none above `most` unless that is None."""
    return [n if most is None else min(n, most) for n in channels]


def check_image_shape(image_shape, levels=0):
    """Returns `image_shape` as three integers, or raises a ValueError.

    Args:
        image_shape: `(height, width, channels)`.
        levels: how often the image is halved. A side needs two pixels
            to the power of it, and 8 at least.
    """
    shape = tuple(image_shape)
    least = max(8, 2**levels)
    if (
        len(shape) != 3
        or any(not isinstance(n, int) for n in shape)
        or any(n < least or n % 2 for n in shape[:2])
        or shape[2] < 1
    ):
        reason = f" for {levels} levels" if least > 8 else ""
        raise ValueError(
            "Argument `image_shape` must be (height, width, channels) with "
            f"even height and width of at least {least}{reason}. "
            f"Received: image_shape={image_shape}"
        )
    return shape


def check_power_of_two(image_shape):
    """Raise a ValueError unless images are squares of 32, 64, 128 ... pixels."""
    height, width, _ = image_shape
    if height != width or height < 32 or height & (height - 1):
        raise ValueError(
            "Argument `image_shape` must be a square with a side of 32 or a "
            "larger power of two for the network resnet. "
            f"Received: image_shape={tuple(image_shape)}"
        )
