"""Many numbers as text at once, each followed by a comma."""

import numpy as np

_SMALL = np.frombuffer(b"".join(b"%3d," % n for n in range(256)), "S4")
_FOUR = np.frombuffer(b"".join(b"%04d" % n for n in range(10_000)), "S4")
# Of the first digit of a float32.
_LOWEST, _HIGHEST = -45, 38
_EXPONENTS = np.frombuffer(
    b"".join(b"e%+03d" % n for n in range(_LOWEST, _HIGHEST + 1)), "S4"
)
_SCALES = 10.0 ** (8 - np.arange(_LOWEST, _HIGHEST + 1, dtype=np.float64))
# The decimal exponents, as places in these tables, of the powers of two that a
# float32 begins with. Its own is that one or the next.
_POWERS = np.floor(np.log10(2.0) * (np.arange(256) - 127)) - _LOWEST
_POWERS = _POWERS.astype(np.uint8)
_SIGNS = np.array([b" ", b"-"])
_FLOAT = np.dtype(
    [
        ("sign", "S1"),
        ("first", "u1"),
        ("point", "S1"),
        ("upper", "S4"),
        ("lower", "S4"),
        ("exponent", "S4"),
        ("comma", "S1"),
    ]
)


def of_bytes(array):
    """uint8 array `[...]` -> text, uint8 `[..., 4]`, as in `b" 42,"`."""
    return _SMALL[array].view(np.uint8).reshape(*array.shape, 4)


def of_floats(array):
    """Finite float32 array `[...]` -> text, uint8 `[..., 16]`.

    As in `b"-1.23456789e-01,"`: nine digits are enough for any float32 to be
    read back exactly, even if the last one is one off.
    """
    bits = np.ascontiguousarray(array).ravel().view(np.uint32)
    size = (bits & 0x7FFFFFFF).view(np.float32).astype(np.float64)
    power = (bits >> 23).astype(np.uint8)  # without the sign
    exponent = _POWERS[power]
    if not power.all():
        # Zero, and numbers so small that they have no power of two.
        small = power == 0
        logarithm = np.log10(np.maximum(size[small], 1e-45))
        exponent[small] = np.floor(logarithm) - _LOWEST
        exponent[size == 0] = -_LOWEST
    size *= _SCALES[exponent]
    larger = size >= 999_999_999.5
    size[larger] /= 10
    exponent += larger
    number = np.rint(size).astype(np.uint32)
    rest, lower = np.divmod(number, 10_000)
    first, upper = np.divmod(rest, 10_000)
    text = np.empty(bits.shape, _FLOAT)
    text["sign"] = _SIGNS[bits >> 31]
    text["first"] = first + ord("0")
    text["point"] = b"."
    text["upper"] = _FOUR[upper]
    text["lower"] = _FOUR[lower]
    text["exponent"] = _EXPONENTS[exponent]
    text["comma"] = b","
    return text.view(np.uint8).reshape(*array.shape, _FLOAT.itemsize)
