"""How a picture's size shrinks level by level, and the checks of arguments."""


def levels(height, width):
    """The sizes from the picture down to the smallest map.

    Levels are added while the smaller side is at least 8. A side that is 2 mod
    4 is padded by one pixel at both ends before it is halved, so that the next
    side is even again; the last level is halved as it is.

    Args:
        height: even, in pixels.
        width: even, in pixels.

    Returns:
        A list of `((height, width), (pad_height, pad_width))` for each level
        from the picture's on, and the final `(height, width)`.
    """
    steps = []
    size = (height, width)
    while min(size) >= 8:
        last = min(size) // 2 < 8
        pad = tuple(0 if last or n % 4 == 0 else 1 for n in size)
        steps.append((size, pad))
        size = tuple((n + 2 * p) // 2 for n, p in zip(size, pad))
    return steps, size


def check_image_shape(image_shape):
    """`image_shape` as three integers, or a ValueError."""
    shape = tuple(image_shape)
    if (
        len(shape) != 3
        or any(not isinstance(n, int) for n in shape)
        or any(n < 8 or n % 2 for n in shape[:2])
        or shape[2] < 1
    ):
        raise ValueError(
            "Argument `image_shape` must be (height, width, channels) with "
            "even height and width of at least 8. "
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
