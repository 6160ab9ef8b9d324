from keras import ops


def move_and_cut(images, down, right, top, left):
    """Move each image, then cut a rectangle out of it.

    What moves in from outside is zero, and so is what is cut out: half the
    height and half the width (rounded down), as far as it lies in the image.

    Args:
        images: `[N, H, W, C]`; H, W and C are known.
        down: `[N]`, whole numbers: pixels by which the image moves down.
        right: `[N]`, the same to the right.
        top: `[N]`, whole numbers: the first row that is cut out. May be
            negative; H and above cut nothing.
        left: `[N]`, the first column.

    Returns:
        A tensor like `images`.
    """
    height, width, channels = images.shape[1:]
    down, right, top, left = (
        ops.cast(number, "int32")[:, None]
        for number in (down, right, top, left)
    )
    count = ops.shape(images)[0]
    first = ops.arange(count, dtype="int32")[:, None] * (height * width)
    rows = ops.arange(height, dtype="int32")[None]
    columns = ops.arange(width, dtype="int32")[None]
    # The place behind the last pixel of the last image holds zeros.
    outside = count * height * width

    def places(back):
        """Returns where each pixel was before moving, or after that."""
        if back:
            row, column = rows + down, columns + right
            moved = row, column
        else:
            row, column = rows - down, columns - right
            moved = rows, columns
        inside = _between(row, 0, height), _between(column, 0, width)
        row = ops.where(inside[0], first + row * width, outside)
        column = ops.where(inside[1], column, outside)
        both = ops.minimum(row[:, :, None] + column[:, None, :], outside)
        cut_rows = _between(moved[0], top, height // 2)
        cut_columns = _between(moved[1], left, width // 2)
        cut = ops.logical_and(cut_rows[:, :, None], cut_columns[:, None, :])
        return ops.reshape(ops.where(cut, outside, both), (-1,))

    pixels = ops.reshape(images, (-1, channels))
    pixels = _take(pixels, places(back=False), places(back=True))
    return ops.reshape(pixels, (-1, height, width, channels))


# No two pixels move to the same place, so that the gradient looks up where
# each pixel has gone. Automatic differentiation adds up instead, which takes
# twice as long.
@ops.custom_gradient
def _take(pixels, places, back):
    """Returns the pixels at some places; zeros behind the last one."""

    def gradient(dy):
        return _take(dy, back, places), None, None

    zeros = ops.zeros((1, pixels.shape[1]), pixels.dtype)
    return ops.take(ops.concatenate([pixels, zeros]), places, axis=0), gradient


def _between(numbers, start, count):
    """Returns whether `start <= number < start + count`."""
    return ops.logical_and(numbers >= start, numbers < start + count)
