"""Colours as a user names them."""

import operator
import re

_NAMES = {
    "white": (255, 255, 255),
    "black": (0, 0, 0),
    "grey": (128, 128, 128),
    "gray": (128, 128, 128),
}


def to_rgb(colour):
    """Returns the three numbers of a colour.

    Args:
        colour: `"white"`, `"black"`, `"grey"`, `"#rrggbb"` or `(r, g, b)`,
            integers in 0..255.

    Returns:
        A tuple of three integers in 0..255.

    Raises:
        ValueError: it is none of these; the message does not repeat it.
    """
    if isinstance(colour, str):
        text = colour.strip().lower()
        if text in _NAMES:
            return _NAMES[text]
        if re.fullmatch("#[0-9a-f]{6}", text):
            return tuple(bytes.fromhex(text[1:]))
    else:
        try:
            values = tuple(operator.index(value) for value in colour)
        except TypeError:
            values = ()
        if len(values) == 3 and all(0 <= value <= 255 for value in values):
            return values
    raise ValueError(
        "Expected white, black, grey, '#rrggbb' (in quotes in YAML) or three "
        "integers in 0..255"
    )


def to_text(colour):
    """Returns `"white"` or `"#rrggbb"`: one text for equal colours."""
    rgb = to_rgb(colour)
    return "white" if rgb == _NAMES["white"] else "#" + bytes(rgb).hex()
