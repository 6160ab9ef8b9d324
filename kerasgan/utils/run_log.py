"""A run's `log.jsonl`: reads its lines, to resume it and to draw it."""

import json
import warnings
import zlib

from kerasgan.utils.typing import Any, PathLike

LOG = "log.jsonl"
# The checksum that a line ends with.
_SUM = "crc32"

# What the logged number `loss_health` means.
LOSS_HEALTH = {
    0: "healthy",
    1: "converged",
    2: "discriminator vanishing",
    3: "exploding",
    4: "not finite",
}


def log_line(numbers: dict[str, Any]) -> str:
    """Returns the line of some numbers, with the CRC-32 of what it says."""
    return json.dumps({**numbers, _SUM: _crc32(numbers)}) + "\n"


def read_log(path: PathLike) -> list[dict[str, Any]]:
    """Returns the lines of a log as dictionaries, without their checksums.

    Damaged lines are left out, with a warning that counts them: those that are
    no objects of numbers and nulls with a `step`, such as one that was half
    written when a machine went down, or whose checksum (which logs of kerasgan
    0.2 do not have) is another.

    Args:
        path: that of a `log.jsonl`.
    """
    try:
        with open(path, "rb") as file:
            texts = file.read().split(b"\n")
    except FileNotFoundError:
        return []
    lines, damaged = [], []
    for number, text in enumerate(texts, 1):
        # Nothing comes after the last end of a line.
        if text or number < len(texts):
            line = _read_line(text)
            if line is None:
                damaged.append(str(number))
            else:
                lines.append(line)
    if damaged:
        warnings.warn(
            f"{path} is damaged: left out line {', '.join(damaged)}",
            stacklevel=2,
        )
    return lines


def _read_line(text):
    """Returns what a line says, or None if it is damaged."""
    try:
        line = json.loads(text)
        expected = line.pop(_SUM, None)
        whole = expected in (None, _crc32(line)) and "step" in line
    except (ValueError, AttributeError):
        return None
    # A number is none of the subclasses of int.
    numbers = all(type(v) in (int, float, type(None)) for v in line.values())
    return line if whole and numbers else None


def _crc32(numbers):
    text = json.dumps(numbers, sort_keys=True)
    return f"{zlib.crc32(text.encode()):08x}"
