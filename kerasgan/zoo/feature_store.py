"""Features of pictures, kept in the cache by what they were made of."""

import numpy as np

from kerasgan.data import cache
from kerasgan.files import atomic_write

# Rows of one file: what an interruption can cost.
_ROWS = 1024


def stored_features(key, count, compute, bar, folder=None):
    """Features from the cache, and those that are not there computed.

    They are kept in files of 1,024 rows, each whole or not there: what was
    interrupted goes on, and more rows begin with the ones that are there.

    Args:
        key: a JSON-serializable dictionary that says what the rows are made of
            and how.
        count: the number of rows.
        compute: a function `compute(start, stop, advance)` that returns the
            rows from `start` to `stop`, `[stop - start, D]`, and calls
            `advance()` after each batch of pictures.
        bar: a function of the number of rows to compute that returns a
            progress bar's context manager, which gives `advance`.
        folder: of the cache. Defaults to `features` beside the prepared images.

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
        folder.mkdir(parents=True, exist_ok=True)
        with bar(sum(stop - start for start, stop in missing)) as advance:
            for start, stop in missing:
                rows = np.asarray(compute(start, stop, advance), np.float32)
                with atomic_write(folder / f"{start}-{stop}.npy") as file:
                    np.save(file, rows)
                found[start, stop] = rows
    return np.concatenate([found[piece] for piece in pieces])


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
