"""JSON documents that carry the SHA-256 of their content."""

import hashlib
import json

from kerasgan.utils.files import write_file
from kerasgan.utils.typing import Any, PathLike

KEY = "sha256"


def to_json(content: dict[str, Any], indent: int | None = 2) -> str:
    """Returns a JSON document of a dictionary and, as its last key, its digest.

    The digest is of the content, not of the text: another layout of the same
    content has the same.
    """
    # As it will be read: with lists for tuples and texts for keys.
    content = json.loads(json.dumps(content))
    return json.dumps({**content, KEY: _digest(content)}, indent=indent) + "\n"


def write_json(
    path: PathLike, content: dict[str, Any], indent: int | None = 2
) -> None:
    """Writes what `to_json` returns, atomically."""
    write_file(path, to_json(content, indent))


def read_json(path: PathLike, remedy: str) -> dict[str, Any]:
    """Returns the dictionary of a JSON document, without its digest.

    Documents without a digest, as kerasgan 0.2 wrote them, are read, too.

    Args:
        path: the file.
        remedy: how to get it back, for errors.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged.
    """
    with open(path, "rb") as file:
        text = file.read()
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(
            f"{path}: not a JSON document: {error}; {remedy}"
        ) from None
    if not isinstance(content, dict):
        raise ValueError(
            f"{path}: expected a JSON object. "
            f"Received: {type(content).__name__}; {remedy}"
        )
    expected = content.pop(KEY, None)
    actual = _digest(content)
    if expected is None and content:
        # The name of the key may be what is damaged.
        last = next(reversed(content))
        rest = {key: content[key] for key in content if key != last}
        if content[last] == _digest(rest):
            return rest
    if expected not in (None, actual):
        raise ValueError(
            f"{path} is damaged: its content has the SHA-256 {actual}, and its key "
            f"{KEY} is {expected}. If the change was intended, delete that key; "
            f"otherwise {remedy}"
        )
    return content


def _digest(content):
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
