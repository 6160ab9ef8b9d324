"""From the JSON of a predict request to numpy arrays.

As TensorFlow Serving reads it (its `util/json_tensor.cc` and api_rest.md): the
same formats, the same strictness about types, the gist of its messages.
"""

import base64
import binascii
import itertools
import json

import numpy as np

from kerasgan.serving.server.errors import invalid

# As its messages call the types.
_TYPES = {"float32": "float", "float64": "double", "object": "string"}
_LONGEST = 80  # characters of a value in a message


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
    if not body.strip():
        raise invalid("JSON Parse error: The document is empty")
    try:
        document = json.loads(body)
    except RecursionError:
        raise invalid("JSON Parse error: nested too deeply") from None
    except ValueError as error:
        raise invalid(f"JSON Parse error: {error}") from None
    if not isinstance(document, dict):
        raise invalid(f"JSON Value: {_shown(document)} Is not object")
    signature = document.get("signature_name", "")
    if not isinstance(signature, str):
        raise invalid(
            f"JSON Value: {_shown(document)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    formats = [name for name in ("instances", "inputs") if name in document]
    if not formats:
        raise invalid("Missing 'inputs' or 'instances' key")
    if len(formats) > 1:
        raise invalid(
            f"JSON Value: {_shown(document)} Not formatted correctly expecting "
            "only one of 'inputs' or 'instances' keys to exist"
        )
    return signature or "serving_default", formats[0], document[formats[0]]


def arrays(form, value, specs):
    """Returns the inputs of a signature.

    Args:
        form: `"instances"` or `"inputs"`.
        value: what stands there.
        specs: a dict of the inputs' names to objects with `dtype` (numpy's;
            object for strings) and `shape` (a tuple, None where it is free).

    Returns:
        A dict of the same names to arrays that fit.

    Raises:
        RequestError: the value does not fit.
    """
    split = _columns if form == "inputs" else _rows
    columns = split(value, specs)
    found = {}
    for name, spec in specs.items():
        array = found[name] = _array(name, columns[name], spec.dtype)
        if not _fits(array.shape, spec.shape):
            hint = (
                " (the row format adds a dimension; use 'inputs')"
                if form == "instances" and not spec.shape
                else ""
            )
            raise invalid(
                f"Input {name} must have the shape {_shape(spec.shape)} but "
                f"got: {_shape(array.shape)}{hint}"
            )
    return found


def _columns(value, specs):
    if not isinstance(value, dict) or _is_base64(value):
        if len(specs) > 1:
            raise invalid(
                "inputs is a plain value/list, but expecting an object as "
                "multiple input tensors required as per tensorinfo_map"
            )
        return dict.fromkeys(specs, value)
    for name in specs:
        if name not in value:
            raise invalid(f"Missing named input: {name} in 'inputs' object.")
    return value


def _rows(value, specs):
    if not isinstance(value, list):
        raise invalid(
            f"JSON Value: {_shown(value)} Excepting 'instances' to be an "
            "list/array"
        )
    if not value:
        raise invalid("JSON Value: [] No values in 'instances' array")
    named = isinstance(value[0], dict) and not _is_base64(value[0])
    if not named and len(specs) > 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as "
            "multiple input tensors required as per tensorinfo_map"
        )
    for at, item in enumerate(value):
        if (isinstance(item, dict) and not _is_base64(item)) is not named:
            expected, got = ("object", "list")[:: 1 if named else -1]
            raise invalid(
                f"Expecting {expected} but got {got} at item {at} of input list"
            )
        if named and set(item) != set(specs):
            raise invalid(
                f"Failed to process element: {at} of 'instances' list. JSON "
                f"object: {_shown(item)} keys must be equal to: "
                f"{','.join(sorted(specs))}"
            )
    if not named:
        return dict.fromkeys(specs, value)
    return {name: [item[name] for item in value] for name in specs}


def _array(name, value, dtype):
    shape, flat = [], [value]
    while isinstance(flat[0], list):
        size = len(flat[0])
        for item in flat:
            if not isinstance(item, list):
                raise invalid(
                    f"JSON Value: {_shown(item)} found at incorrect level: "
                    f"{len(shape) + 1} in the JSON DOM of input {name}"
                )
            if len(item) != size:
                raise invalid(
                    f"Encountered list at unexpected size: {len(item)} at "
                    f"level: {len(shape)} expected size: {size} in input {name}"
                )
        shape.append(size)
        flat = list(itertools.chain.from_iterable(flat))
        if not flat:
            break
    if list in set(map(type, flat)):
        raise invalid(
            f"Encountered list at unexpected level: {len(shape)} in input "
            f"{name}"
        )
    array = np.empty(len(flat), dtype)
    array[:] = _leaves(flat, np.dtype(dtype))
    return array.reshape(shape)


def _leaves(flat, dtype):
    """Check values, and make bytes of strings."""
    if dtype == object:  # noqa: E721
        return [_string(value) for value in flat]
    if dtype.kind == "f":
        allowed, low, high = (int, float), None, float(np.finfo(dtype).max)
        # All integers up to here are numbers of the type.
        whole = 2 ** (np.finfo(dtype).nmant + 1) - 1
        if set(map(type, flat)) == {float}:
            # As below, but ten times as fast.
            numbers = np.array(flat)
            if not ((np.abs(numbers) > high) & np.isfinite(numbers)).any():
                return numbers
    elif dtype.kind == "b":
        allowed, low, high = (bool,), False, True
    else:
        allowed, low, high = (int,), np.iinfo(dtype).min, np.iinfo(dtype).max
    for value in flat:
        kind = type(value)
        if kind not in allowed or not (low is None or low <= value <= high):
            raise invalid(
                f"JSON Value: {_shown(value)} Type: {_kind(value)} is not of "
                f"expected type: {_TYPES.get(dtype.name, dtype.name)}"
            )
        if dtype.kind == "f" and (
            abs(value) > whole
            if kind is int
            # Not so for Infinity.
            else high < abs(value) < float("inf")
        ):
            raise invalid(
                f"Cannot convert JSON value: {_shown(value)} to "
                f"{_TYPES[dtype.name]} without loss of precision."
            )
    return flat


def _string(value):
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if not isinstance(value, dict):
        raise invalid(
            f"JSON Value: {_shown(value)} Type: {_kind(value)} is not of "
            "expected type: string"
        )
    if not _is_base64(value):
        raise invalid(
            f"JSON Value: {_shown(value)} not formatted correctly for base64 "
            "data"
        )
    try:
        return base64.b64decode(value["b64"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid("Unable to base64 decode") from None


def _is_base64(value):
    return (
        isinstance(value, dict)
        and list(value) == ["b64"]
        and isinstance(value["b64"], str)
    )


def _fits(shape, spec):
    return len(shape) == len(spec) and all(
        wanted in (None, size) for size, wanted in zip(shape, spec, strict=True)
    )


def _shape(shape):
    return f"[{','.join('?' if n is None else str(n) for n in shape)}]"


def _kind(value):
    return {
        type(None): "Null",
        bool: str(value),
        dict: "Object",
        list: "Array",
        str: "String",
    }.get(type(value), "Number")


def _shown(value):
    """Returns a value in a message, and not more of it than helps."""
    if isinstance(value, (list, dict)) and len(value) > _LONGEST:
        return "[...]" if isinstance(value, list) else "{...}"
    try:
        text = json.dumps(value)
    except (RecursionError, ValueError):
        return "..."
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
