"""From arrays to the JSON of an answer.

Images are many numbers: 16 of 64x64 pixels are 196,608, for which Python's json
takes longer than the network for the images. orjson writes them, but for bytes,
which a table of their digits writes in half the time.
"""

import base64
import json

import numpy as np
import orjson

from kerasgan.serving.server.errors import invalid

_BYTES = np.frombuffer(b"".join(b"%3d," % n for n in range(256)), "S4")


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
        raise invalid(f"JSON has no numbers of the type {array.dtype}")
    if not array.ndim:
        return rows(name, array[None])[0]
    if array.dtype.kind in "OS":
        return [_strings(row, name.endswith("_bytes")) for row in array]
    if array.dtype == np.uint8 and array.ndim > 1 and array.size:
        # Row by row is twice as fast: what is in between stays in the caches.
        return [_bytes(row) for row in array]
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        # orjson writes null.
        return [json.dumps(row.tolist()).encode() for row in array]
    # Row by row, since orjson lets no other thread run meanwhile.
    return [
        orjson.dumps(row, np.ndarray.tolist, orjson.OPT_SERIALIZE_NUMPY)
        for row in array
    ]


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
        body = _value(*outputs.values())
    elif key == "predictions":
        names = [b'"%s": ' % name.encode() for name in outputs]
        body = _list(
            b"{" + b", ".join(map(bytes.__add__, names, values)) + b"}"
            for values in zip(*outputs.values(), strict=True)
        )
    else:
        body = []
        for name, parts in outputs.items():
            body += [b", " if body else b"{", b'"%s": ' % name.encode()]
            body += _value(parts)
        body += [b"}"]
    return [b'{"', key.encode(), b'": ', *body, b"}"]


def _value(parts):
    return [parts] if isinstance(parts, bytes) else _list(parts)


def _list(parts):
    pieces = [b"["]
    for part in parts:
        pieces += [part, b", "]
    return [*pieces[: -1 if pieces[1:] else None], b"]"]


def _strings(value, binary):
    if isinstance(value, np.ndarray):
        parts = [_strings(item, binary) for item in value]
        return b"[" + b", ".join(parts) + b"]"
    if binary:
        return b'{"b64": "' + base64.b64encode(value) + b'"}'
    return json.dumps(value.decode("utf-8", "replace")).encode()


def _bytes(array):
    """Lists of lists of bytes, uint8 `[...]`."""
    text = _BYTES[array].view(np.uint8).reshape(*array.shape, 4)
    while text.ndim > 1:
        *outer, count, width = text.shape
        lists = np.empty((*outer, count * width + 2), np.uint8)
        lists[..., 0] = ord("[")
        lists[..., 1:-1] = text.reshape(*outer, count * width)
        lists[..., -2] = ord("]")
        lists[..., -1] = ord(",")
        text = lists
    return text[:-1].tobytes()
