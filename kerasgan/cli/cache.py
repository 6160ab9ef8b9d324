"""`kerasgan cache`."""

import re
import time
from typing import Annotated

import typer

from kerasgan.cli.common import print_table

_SECONDS = {"h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}


def command(
    clear: Annotated[
        bool,
        typer.Option(
            "--clear",
            help="Remove the listed items. They are recomputed when needed.",
        ),
    ] = False,
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Only items not used for this long, in hours, days or weeks, such "
            "as 12h, 30d or 8w.",
            show_default=False,
        ),
    ] = None,
):
    """List or clear the cache: prepared images, features, results.

    The environment variable KERASGAN_CACHE sets the folder; by default it is
    kerasgan in the cache folder of the system. Files that kerasgan did not
    create are neither listed nor removed.
    """
    from kerasgan.evaluation.cached_items import cached_items, remove, root

    least = 0 if older_than is None else _seconds(older_than)
    now = time.time()
    items = [item for item in cached_items() if now - item.used >= least]
    if not items:
        older = f" that was not used for {older_than}" if older_than else ""
        print(f"Nothing in {root()}{older}")
        return
    if clear:
        removed = [item for item in items if remove(item)]
        print(f"Freed {_total(removed)} in {root()}")
        if len(removed) < len(items):
            print(f"Kept {len(items) - len(removed)} that are in use")
        return
    rows = [
        (item.kind, item.source, _size(item.size), _ago(now - item.used))
        for item in items
    ]
    print_table(("kind", "of", "size", "last used"), rows, right=(2,))
    print(f"{_total(items)} in {root()} (--clear removes them)")


def _seconds(text):
    match = re.fullmatch(r"(\d+)([hdw])", text.strip())
    if match is None:
        raise ValueError(
            "Expected hours, days or weeks, such as 12h, 30d or 8w. "
            f"Received: --older-than {text}"
        )
    return int(match[1]) * _SECONDS[match[2]]


def _total(items):
    count = "1 item" if len(items) == 1 else f"{len(items)} items"
    return f"{_size(sum(item.size for item in items))} ({count})"


def _size(count):
    for unit in ("B", "kB", "MB"):
        if count < 999.5:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"


def _ago(seconds):
    if seconds < 3600:
        return "within the hour"
    unit = "d" if seconds >= 2 * _SECONDS["d"] else "h"
    return f"{seconds / _SECONDS[unit]:.0f} {unit} ago"
