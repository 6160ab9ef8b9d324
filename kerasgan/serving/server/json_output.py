"""From tensors to the JSON of an answer.

The digits are written by TensorFlow's own operations: several times as fast as
Python's json, and other threads run meanwhile, the event loop among them.
"""

import base64
import json

import numpy as np
import tensorflow as tf


def rows(name, tensor):
    """The JSON of each row of a tensor.

    Numbers are written so that they are read back exactly: integers as they
    are, floats with 9 or 17 significant digits, and NaN and Infinity as
    TensorFlow Serving (and JavaScript) writes them.

    Args:
        name: the output's name. Strings are written as `{"b64": ...}` if it
            ends in `_bytes`.
        tensor: a tensor or an array, `[N, ...]`.

    Returns:
        A list of N `bytes`.
    """
    array = np.asarray(tensor)
    if array.dtype.kind in "OS":
        return [_strings(row, name.endswith("_bytes")) for row in array]
    if array.dtype.kind == "b" or not (
        array.ndim > 1 and array.size and np.isfinite(array).all()
    ):
        return [json.dumps(row.tolist()).encode() for row in array]
    return _numbers(tf.convert_to_tensor(tensor))


def document(key, outputs):
    """The answer to a predict request.

    Args:
        key: `"predictions"` or `"outputs"`.
        outputs: a dict of names to lists of rows as `rows` makes them. The name
            of a single output is left out.

    Returns:
        A list of `bytes`, to be sent one after the other.
    """
    if len(outputs) == 1:
        (parts,) = outputs.values()
        body = _list(parts)
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
            body += _list(parts)
        body += [b"}"]
    return [b'{"', key.encode(), b'": ', *body, b"}"]


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


def _numbers(tensor):
    rank = tensor.shape.rank
    return [_nested(row) for row in _joined(tensor, rank).numpy()]


def _joined(tensor, rank):
    """Strings of the two innermost dimensions, without the outer brackets."""
    if tensor.dtype.is_floating:
        digits = 16 if tensor.dtype == tf.float64 else 8
        if tensor.dtype.size < 4:
            tensor = tf.cast(tensor, tf.float32)
        # The scientific form needs no ".0" to be seen as a float.
        text = tf.strings.as_string(tensor, precision=digits, scientific=True)
    else:
        text = tf.strings.as_string(tensor)
    text = tf.strings.reduce_join(text, axis=-1, separator=",")
    if rank > 2:
        text = tf.strings.reduce_join(text, axis=-1, separator="],[")
        text = tf.strings.join(["[", text, "]"])
    return tf.strings.join(["[", text, "]"])


def _nested(value):
    if isinstance(value, np.ndarray):
        return b"[" + b",".join(map(_nested, value)) + b"]"
    return value
