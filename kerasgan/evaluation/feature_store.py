"""Features of images, kept in the cache by what they were made of."""

import contextlib
import json

import numpy as np

from kerasgan.data import cache
from kerasgan.utils.files import atomic_write

# Records in a folder what its rows are made of.
KEY = "key.json"
# Rows of one file: what an interruption can cost.
_ROWS = 1024


def stored_features(key, count, compute, bar, folder=None):
    """Features from the cache, and those that are not there computed.

    They are kept in files of 1,024 rows, each whole or not there: what was
    interrupted continues, and more rows start with the cached ones.

    Args:
        key: a JSON-serializable dictionary that says what the rows are made of
            and how.
        count: the number of rows.
        compute: a function `compute(start, stop, advance)` that returns the
            rows from `start` to `stop`, `[stop - start, D]`, and calls
            `advance()` after each batch of images.
        bar: a function of the number of rows to compute that returns a
            progress bar's context manager, which gives `advance`.
        folder: of the cache. Defaults to `features` next to the prepared
            images.

    Returns:
        float32 `[count, D]`.
    """
    folder = folder or cache.default_folder().parent / "features"
    folder = folder / cache.key(key)
    pieces = [
        (start, min(start + _ROWS, count)) for start in range(0, count, _ROWS)
    ]
    found = {piece: _read(folder, *piece) for piece in pieces}
    missing = [piece for piece in pieces if found[piece] is None]
    if missing:
        with bar(sum(stop - start for start, stop in missing)) as advance:
            for start, stop in missing:
                rows = np.asarray(compute(start, stop, advance), np.float32)
                # Whoever clears the cache may have removed it meanwhile.
                folder.mkdir(parents=True, exist_ok=True)
                with atomic_write(folder / f"{start}-{stop}.npy") as file:
                    np.save(file, rows)
                found[start, stop] = rows
    _describe(folder, key)
    return np.concatenate([found[piece] for piece in pieces])


def _describe(folder, key):
    """Write what a folder holds, and the time of its last use."""
    if (folder / KEY).exists():
        cache.touch(folder / KEY)
        return
    with contextlib.suppress(OSError):
        with atomic_write(folder / KEY, "w", encoding="utf-8") as file:
            json.dump(key, file)


def _read(folder, start, stop):
    """Rows from a file that has them, be it with some more; or None."""
    for last in (stop, start + _ROWS):
        try:
            rows = np.load(folder / f"{start}-{last}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            continue
        if rows.ndim == 2 and len(rows) == last - start:
            return rows[: stop - start]
    return None
