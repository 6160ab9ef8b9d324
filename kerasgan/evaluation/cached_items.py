"""The contents of the cache, and their removal."""

import dataclasses
import os
import re
import shutil
import stat
import time
import uuid
from pathlib import Path

from kerasgan.data import cache
from kerasgan.evaluation.feature_store import KEY
from kerasgan.utils.json_files import read_json

_KEY = re.compile("[0-9a-f]{32}")
_ROWS = re.compile(r"\d+-\d+\.npy")
_PART = re.compile(r"\..+\.[0-9a-f]{32}\.part")


@dataclasses.dataclass(frozen=True)
class Item:
    """An item of the cache, which is recomputed when it is needed.

    Attributes:
        kind: `"images"`, `"features"`, `"measurements"`, `"savedmodel"` or
            `"unfinished"` (of an interrupted process).
        source: a description of what it was made from.
        path: `pathlib.Path` of the file, or of the folder as a whole.
        size: bytes.
        used: when it was used last, in seconds since 1970.
    """

    kind: str
    source: str
    path: Path
    size: int
    used: float


def root():
    """Returns the folder of the cache, a `pathlib.Path`."""
    return cache.default_folder().parent


def cached_items():
    """Returns everything in the cache that kerasgan made and knows.

    Returns:
        A list of `Item`, of each kind the one used last first. Other files in
        the folder, such as the weights of the Inception network, are none.
    """
    folder = root()
    items = [
        *_folders(folder / "data", "images", _is_prepared, _prepared_source),
        *_folders(
            folder / "features", "features", _is_features, _feature_source
        ),
        *_measurements(folder / "measurements"),
        *_saved_models(folder / "savedmodels"),
        *_unfinished(folder),
    ]
    order = list(dict.fromkeys(item.kind for item in items))
    return sorted(items, key=lambda item: (order.index(item.kind), -item.used))


def remove(item):
    """Remove an item. A training that reads it continues.

    Its folder is renamed at first, so that nobody finds a half of it; whoever
    has an array open keeps the pages (on Windows it cannot be renamed then).

    Returns:
        Whether it is gone; otherwise it is in use and was kept.
    """
    path = item.path
    parts = path.glob(".*.part") if path.is_dir() else ()
    if any(_is_fresh(part) for part in parts):
        return False
    hidden = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        os.rename(path, hidden)
        if hidden.is_dir():
            shutil.rmtree(hidden)
        else:
            hidden.unlink()
    except OSError:
        return False
    return True


def _folders(parent, kind, is_one, source):
    for path in _inside(parent):
        if _KEY.fullmatch(path.name) and path.is_dir() and is_one(path):
            yield _item(kind, source(path), path)


def _inside(parent):
    """Returns what is in a folder, but for links: these lead to what others made."""
    if not parent.is_dir():
        return []
    return [path for path in sorted(parent.iterdir()) if not path.is_symlink()]


def _is_prepared(path):
    names = {inside.name for inside in path.iterdir()}
    return cache.INDEX in names and names <= {cache.INDEX, cache.ARRAY}


def _prepared_source(path):
    index = _json(path / cache.INDEX)
    source = index.get("source", {})
    place = source.get("path") or f"tfds:{source.get('name')}"
    words = [place]
    if index.get("split") != "None":
        words.append(str(index.get("split")))
    if index.get("held_out"):
        words.append("held out")
    size = index.get("image_size")
    if size:
        words.append("x".join(map(str, size)))
    crop = index.get("crop")
    if crop:
        words.append(f"crop {'x'.join(map(str, crop))}")
    return ", ".join(words)


def _is_features(path):
    return all(
        inside.name == KEY
        or _ROWS.fullmatch(inside.name)
        or _PART.fullmatch(inside.name)
        for inside in path.iterdir()
    )


def _feature_source(path):
    key = _json(path / KEY)
    if "pictures" in key:
        return f"images with the fingerprint {key['pictures'][:16]}"
    if "generator" in key:
        return f"samples of the generator {key['generator'][:16]}"
    return "not recorded"


def _measurements(folder):
    for path in _inside(folder):
        if not _KEY.fullmatch(path.stem) or path.suffix != ".json":
            continue
        content = _json(path).get("measurements", [])
        names = [str(item.get("name")) for item in content]
        data = [item.get("protocol", {}).get("data") for item in content]
        of = f" on {data[0]}" if data and data[0] else ""
        yield _item("measurements", f"{', '.join(names)}{of}", path)


def _saved_models(folder):
    for model in _inside(folder):
        if not model.is_dir():
            continue
        for path in _inside(model):
            # That of `kerasgan serve`; other folders are somebody else's.
            made = path / "assets.extra" / "made_of.txt"
            if path.name.isdecimal() and made.is_file():
                yield _item("savedmodel", f"{model.name}, for serve", path)


def _unfinished(folder):
    """Returns what processes left that ended a day ago or more."""
    for name in ("data", "features", "measurements"):
        for path in _inside(folder / name):
            if _PART.fullmatch(path.name) and not _is_fresh(path):
                yield _item("unfinished", path.name, path)


def _is_fresh(path):
    """Returns whether a process may still be writing there."""
    _, used = _measure(path)
    return time.time() - used < cache.ABANDONED_SECONDS


def _item(kind, source, path):
    return Item(kind, source, path, *_measure(path))


def _measure(path):
    """Returns `(bytes, newest time)` of a file, or of a folder with all in it."""
    size, used = 0, 0.0
    for inside in [path, *path.rglob("*")] if path.is_dir() else [path]:
        try:
            status = inside.lstat()
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(status.st_mode):
            size += status.st_size
            used = max(used, status.st_mtime)
    # An empty folder has a time, too.
    return size, used or path.stat().st_mtime


def _json(path):
    """Returns the contents of a JSON document; empty if there is none, or another."""
    try:
        return read_json(path, "it is written again")
    except (OSError, ValueError):
        return {}
