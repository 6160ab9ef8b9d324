"""Channels of activations as rows of pixels.

Broadcasting along a short channel axis is slow on a CPU, so that a row of
pixels counts as one long axis.
"""

from keras import ops


def rows(x):
    """Reshapes `[N, ..., W, C]` to rows of pixels, `[-1, W C]`."""
    return ops.reshape(x, (-1, _width(x) * x.shape[-1]))


def along(vector, x):
    """Repeats a vector of channels along a row of x, in the dtype of x."""
    return ops.tile(ops.cast(vector, x.dtype), (_width(x),))


def total(y, channels, dtype):
    """Sums rows of pixels over all pixels: `[channels]`.

    Sums in half precision would lose most of what they add.
    """
    return ops.sum(ops.cast(ops.reshape(y, (-1, channels)), dtype), axis=0)


def _width(x):
    return x.shape[-2] if len(x.shape) > 2 and x.shape[-2] else 1
