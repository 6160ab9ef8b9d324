"""Reads a run's `log.jsonl`, for what continues it and what draws it."""

import json

from kerasgan.utils.typing import Any, PathLike

LOG = "log.jsonl"

# What the logged number `loss_health` means.
LOSS_HEALTH = {
    0: "healthy",
    1: "converged",
    2: "discriminator vanishing",
    3: "exploding",
    4: "not finite",
}


def read_log(path: PathLike) -> list[dict[str, Any]]:
    """Returns the lines of a log as dictionaries; a half-written last one is left out."""
    lines = []
    try:
        with open(path, encoding="utf-8") as file:
            for text in file:
                lines.append(json.loads(text))
    except FileNotFoundError:
        pass
    except json.JSONDecodeError:
        # Where a machine went down in the middle of a line.
        pass
    return lines
