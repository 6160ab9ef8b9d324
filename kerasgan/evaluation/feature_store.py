"""Features of images, cached by what they were made from."""

import contextlib
import hashlib

import numpy as np

from kerasgan.data import cache
from kerasgan.utils.files import atomic_write
from kerasgan.utils.json_files import write_json

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
    return np.concatenate(
        [*stream_stored_features(key, count, compute, bar, folder)]
    )


def stream_stored_features(key, count, compute, bar, folder=None):
    """Yields what `stored_features` returns, 1,024 rows at a time."""
    folder = folder or cache.default_folder().parent / "features"
    folder = folder / cache.key(key)
    pieces = [
        (start, min(start + _ROWS, count)) for start in range(0, count, _ROWS)
    ]
    with contextlib.ExitStack() as stack:
        advance = None
        for at, (start, stop) in enumerate(pieces):
            rows = _read(folder, start, stop)
            if rows is None:
                if advance is None:
                    # Damaged files are noticed when it is their turn.
                    left = [
                        p for p in pieces[at + 1 :] if not _exists(folder, *p)
                    ]
                    missing = sum(b - a for a, b in [(start, stop), *left])
                    advance = stack.enter_context(bar(missing))
                rows = np.asarray(compute(start, stop, advance), np.float32)
                _write(folder / f"{start}-{stop}.npy", rows)
            yield rows
    _describe(folder, key)


def _write(path, rows):
    # Whoever clears the cache may have removed it meanwhile.
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as file:
        np.save(file, rows)
        # Behind the array: numpy does not read it.
        file.write(_digest(rows))


def _describe(folder, key):
    """Write what a folder holds, and the time of its last use."""
    if (folder / KEY).exists():
        cache.touch(folder / KEY)
        return
    with contextlib.suppress(OSError):
        write_json(folder / KEY, key, indent=None)


def _files(folder, start, stop):
    """Returns last row -> the file that may have rows, be it with some more."""
    return {n: folder / f"{start}-{n}.npy" for n in (stop, start + _ROWS)}


def _exists(folder, start, stop):
    return any(path.exists() for path in _files(folder, start, stop).values())


def _read(folder, start, stop):
    """Rows from a file that has them; or None."""
    for last, path in _files(folder, start, stop).items():
        try:
            with open(path, "rb") as file:
                rows = np.load(file, allow_pickle=False)
                # Files of kerasgan 0.2 end here.
                whole = file.read() in (b"", _digest(rows))
        # numpy raises many kinds of errors for a damaged header.
        except Exception:
            continue
        if whole and rows.ndim == 2 and len(rows) == last - start:
            return rows[: stop - start]
    return None


def _digest(rows):
    digest = hashlib.sha256(repr((rows.dtype.str, rows.shape)).encode())
    digest.update(rows.tobytes())
    return digest.digest()
