"""Pixels as floats."""

import numpy as np


def to_float(pixels):
    """Converts uint8 to float32 on [-1, 1], as x / 127.5 - 1."""
    floats = pixels.astype(np.float32)
    floats /= np.float32(127.5)
    floats -= np.float32(1)
    return floats
