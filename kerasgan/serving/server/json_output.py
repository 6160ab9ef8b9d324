"""From arrays to the JSON of an answer.

Images are many numbers: 16 of 64x64 pixels are 196,608, for which Python's
json takes longer than the network for the images. They are written by numpy,
all numbers with the same width, as JSON allows.
"""

import base64
import json

import numpy as np

from kerasgan.serving.server import digits
from kerasgan.serving.server.errors import invalid

_WRITERS = {"uint8": digits.of_bytes, "float32": digits.of_floats}


def rows(name, array):
    """Returns the JSON of each row of an array.

    Numbers are written so that they are read back exactly, and NaN and Infinity
    as TensorFlow Serving (and JavaScript) writes them.

    Args:
        name: the output's name. Strings are written as `{"b64": ...}` if it
            ends in `_bytes`.
        array: an array `[N, ...]`.

    Returns:
        A list of N `bytes`; of a scalar, which has no rows, its `bytes`.

    Raises:
        RequestError: JSON has no such numbers.
    """
    array = np.asarray(array)
    if array.dtype.kind not in "OSbiuf":
        raise invalid(
            f"Failed to write JSON value for tensor type: {array.dtype}"
        )
    if not array.ndim:
        return rows(name, array[None])[0]
    if array.dtype.kind in "OS":
        return [_strings(row, name.endswith("_bytes")) for row in array]
    write = _WRITERS.get(array.dtype.name)
    fits = array.ndim > 1 and array.size and np.isfinite(array).all()
    if write is None or not fits:
        return [json.dumps(row.tolist()).encode() for row in array]
    # Row by row is twice as fast: what is in between stays in the caches.
    return [_bracketed(write(row)) for row in array]


def document(key, outputs):
    """Returns the answer to a predict request.

    Args:
        key: `"predictions"` or `"outputs"`.
        outputs: a dict of names to lists of rows as `rows` makes them. The name
            of a single output is left out.

    Returns:
        A list of `bytes`, to be sent one after the other.
    """
    if len(outputs) == 1:
        (parts,) = outputs.values()
        body = _value(parts)
    elif key == "predictions":
        named = [
            [json.dumps(name).encode() + b": " + part for part in parts]
            for name, parts in outputs.items()
        ]
        body = _list(
            [
                b"{" + b", ".join(together) + b"}"
                for together in zip(*named, strict=True)
            ]
        )
    else:
        body = [b"{"]
        for at, (name, parts) in enumerate(outputs.items()):
            body += [b", " * bool(at), json.dumps(name).encode(), b": "]
            body += _value(parts)
        body += [b"}"]
    return [b'{"', key.encode(), b'": ', *body, b"}"]


def _value(parts):
    return [parts] if isinstance(parts, bytes) else _list(parts)


def _list(parts):
    found = [b"["]
    for at, part in enumerate(parts):
        if at:
            found.append(b", ")
        found.append(part)
    return [*found, b"]"]


def _strings(value, binary):
    if isinstance(value, np.ndarray):
        parts = [_strings(item, binary) for item in value]
        return b"[" + b", ".join(parts) + b"]"
    if binary:
        return b'{"b64": "' + base64.b64encode(value) + b'"}'
    return json.dumps(value.decode("utf-8", "replace")).encode()


def _bracketed(text):
    """Lists of lists of numbers, each of which is followed by a comma.

    Args:
        text: uint8 array `[..., width]`.
    """
    while text.ndim > 1:
        *outer, count, width = text.shape
        lists = np.empty((*outer, count * width + 2), np.uint8)
        lists[..., 0] = ord("[")
        lists[..., 1:-1] = text.reshape(*outer, count * width)
        lists[..., -2] = ord("]")
        lists[..., -1] = ord(",")
        text = lists
    return text[:-1].tobytes()
