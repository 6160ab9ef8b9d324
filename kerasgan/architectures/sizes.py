"""How a picture's size shrinks level by level, and the checks of arguments."""


def levels(height, width, count=None):
    """The sizes from the picture down to the smallest map.

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
        picture's on, and the final `(height, width)`.
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


def check_image_shape(image_shape, levels=0):
    """`image_shape` as three integers, or a ValueError.

    Args:
        image_shape: `(height, width, channels)`.
        levels: how often the picture is to be halved. A side needs two pixels
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


def check_positive(**arguments):
    """Raise a ValueError unless each argument is a positive integer."""
    for name, value in arguments.items():
        if not isinstance(value, int) or value < 1:
            raise ValueError(
                f"Argument `{name}` must be a positive integer. "
                f"Received: {name}={value}"
            )


def check_levels(features, blocks):
    """Both as tuples of positive integers, one a level, or a ValueError."""
    checked = {}
    for name, values in (("features", features), ("blocks", blocks)):
        counts = tuple(values) if isinstance(values, (list, tuple)) else ()
        if not counts or any(not isinstance(n, int) or n < 1 for n in counts):
            raise ValueError(
                f"Argument `{name}` must be a list of positive integers, one "
                f"a level. Received: {name}={values}"
            )
        checked[name] = counts
    if len(features) != len(blocks):
        raise ValueError(
            "Argument `blocks` must have as many entries as `features`, "
            f"{len(features)}. Received: blocks={blocks}"
        )
    return checked["features"], checked["blocks"]


def check_choice(choices, **arguments):
    """Raise a ValueError unless each argument is one of the choices."""
    for name, value in arguments.items():
        if value not in choices:
            raise ValueError(
                f"Argument `{name}` must be one of {', '.join(choices)}. "
                f"Received: {name}={value!r}"
            )


def check_rate(**arguments):
    """Raise a ValueError unless each argument lies in [0, 1)."""
    for name, value in arguments.items():
        if not 0 <= value < 1:
            raise ValueError(
                f"Argument `{name}` must lie in [0, 1). Received: {name}={value}"
            )
