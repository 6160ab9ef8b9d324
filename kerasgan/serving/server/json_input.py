"""From the JSON of a predict request to numpy arrays.

The formats and the strictness about types are those of TensorFlow Serving (its
`util/json_tensor.cc` and api_rest.md).
"""

import base64
import json

import numpy as np

from kerasgan.serving.server.errors import invalid

# numpy's kinds of types, and the types in JSON that are accepted for them.
_ACCEPTED = {
    "f": {int, float},
    "i": {int},
    "u": {int},
    "b": {bool},
    "O": {str, dict},
}


def parse(body):
    """Returns the object of a request.

    Args:
        body: bytes.

    Returns:
        `(signature name, format, value)`, with the format `"instances"` (rows)
        or `"inputs"` (columns).

    Raises:
        RequestError: it is not JSON, or has not one of the two.
    """
    try:
        document = json.loads(body)
    except RecursionError:
        raise invalid("The body is not JSON: it is nested too deeply") from None
    except ValueError as error:
        raise invalid(f"The body is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise invalid("The body must be an object of JSON")
    signature = document.get("signature_name") or "serving_default"
    formats = [name for name in ("instances", "inputs") if name in document]
    if not isinstance(signature, str) or len(formats) != 1:
        raise invalid(
            "The body must have either `inputs` or `instances`, and may have a "
            "string `signature_name`"
        )
    return signature, formats[0], document[formats[0]]


def arrays(form, value, specs):
    """Returns the inputs of a signature.

    Args:
        form: `"instances"` or `"inputs"`.
        value: the value of that key.
        specs: a dict of the inputs' names to objects with `dtype` (numpy's;
            object for strings) and `shape` (a tuple, None if it is free).

    Returns:
        A dict of the same names to arrays that fit.

    Raises:
        RequestError: the value does not fit.
    """
    columns = (_columns if form == "inputs" else _rows)(value, specs)
    converted = {}
    for name, spec in specs.items():
        converted[name] = array = _array(
            name, columns[name], np.dtype(spec.dtype)
        )
        if len(array.shape) != len(spec.shape) or any(
            wanted not in (None, size)
            for size, wanted in zip(array.shape, spec.shape, strict=True)
        ):
            hint = "" if spec.shape or form == "inputs" else "; use `inputs`"
            raise invalid(
                f"Input {name} must have the shape {_shape(spec.shape)}. "
                f"Received: {_shape(array.shape)}{hint}"
            )
    return converted


def _columns(value, specs):
    if not _is_named(value):
        if len(specs) > 1:
            raise invalid(f"`inputs` must be an object of {', '.join(specs)}")
        return dict.fromkeys(specs, value)
    for name in specs:
        if name not in value:
            raise invalid(f"`inputs` must have the key {name}")
    return value


def _rows(value, specs):
    if not isinstance(value, list) or not value:
        raise invalid("`instances` must be a list of at least one row")
    if len(specs) == 1 and not any(map(_is_named, value)):
        return dict.fromkeys(specs, value)
    for at, row in enumerate(value):
        if not _is_named(row) or set(row) != set(specs):
            raise invalid(
                f"Each row of `instances` must be an object of "
                f"{', '.join(specs)}. Received: something else in row {at}"
            )
    return {name: [row[name] for row in value] for name in specs}


def _is_named(value):
    """Returns whether a value is an object, and not one of base64."""
    return isinstance(value, dict) and list(value) != ["b64"]


def _array(name, value, dtype):
    # Lists that are not of one length, or too deep, stay lists, and dicts dicts.
    array = np.array(value, object)
    flat = array.ravel().tolist()
    kinds = set(map(type, flat))
    if not kinds <= _ACCEPTED[dtype.kind]:
        raise _unfit(name, dtype)
    if dtype == object:  # noqa: E721
        strings = np.empty(array.shape, object)
        strings.ravel()[:] = [_string(name, item, dtype) for item in flat]
        return strings
    if int in kinds:
        # All integers up to here are numbers of the type.
        high = (
            2 ** (np.finfo(dtype).nmant + 1) - 1
            if dtype.kind == "f"
            else np.iinfo(dtype).max
        )
        low = -high if dtype.kind == "f" else np.iinfo(dtype).min
        whole = [item for item in flat if type(item) is int]
        if min(whole) < low or max(whole) > high:
            raise _unfit(name, dtype)
    with np.errstate(over="ignore"):
        converted = array.astype(dtype)
    if dtype.kind == "f" and np.isinf(converted).any():
        wide = array.astype(np.float64)
        if (np.isinf(converted) & np.isfinite(wide)).any():
            raise _unfit(name, dtype)
    return converted


def _string(name, value, dtype):
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise _unfit(name, dtype) from None


def _unfit(name, dtype):
    if dtype == object:  # noqa: E721
        what = 'strings or {"b64": ...} with valid base64'
    else:
        what = f"numbers that {dtype.name} represents exactly"
        what = "true or false" if dtype.kind == "b" else what
    return invalid(f"Input {name} must be {what}, in lists of equal length")


def _shape(shape):
    return f"[{','.join('?' if n is None else str(n) for n in shape)}]"
