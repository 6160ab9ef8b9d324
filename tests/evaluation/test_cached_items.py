"""What `kerasgan cache` finds and removes."""

import json
import os
import time

import numpy as np
import pytest

from kerasgan.data import prepare
from kerasgan.evaluation import cached_items
from kerasgan.evaluation.feature_store import stored_features

DAY = 24 * 3600


@pytest.fixture
def folder(image_folder, tmp_path):
    """A cache with one of each kind, and with what is somebody else's."""
    import contextlib

    prepared = prepare(image_folder, image_size=8)
    stored_features(
        {"pictures": "a" * 64},
        3,
        lambda start, stop, advance: np.zeros((stop - start, 2)),
        lambda total: contextlib.nullcontext(lambda: None),
    )
    root = tmp_path / "cache"
    measurement = [{"name": "swd", "protocol": {"data": "dots"}}]
    measurement = {"measurements": measurement}
    files = {
        "measurements/" + "b" * 32 + ".json": json.dumps(measurement),
        "savedmodels/dots/1/assets.extra/made_of.txt": "kerasgan",
        "savedmodels/dots/1/saved_model.pb": "graph",
        "data/." + "c" * 32 + "." + "d" * 32 + ".part/images.npy": "half",
        # Others'.
        "inception/inception-2015-12-05.npz": "weights",
        "notes.txt": "x",
        "data/notes.txt": "x",
        "data/" + "e" * 32 + "/thesis.tex": "x",
        "features/" + "e" * 32 + "/thesis.tex": "x",
        "measurements/mine.json": "x",
        "savedmodels/mine/1/saved_model.pb": "x",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    os.symlink(prepared.path, root / "data" / ("f" * 32))
    return root


def files(folder):
    return {
        p.relative_to(folder).as_posix()
        for p in folder.rglob("*")
        if p.is_file()
    }


def age(folder, days):
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (time.time() - days * DAY,) * 2)


def test_what_is_there_and_what_is_removed(folder, image_folder):
    items = cached_items.cached_items()
    assert [(item.kind, item.source) for item in items] == [
        ("images", f"{image_folder}, train, 8x8"),
        ("features", "images with the fingerprint " + "a" * 16),
        ("measurements", "swd on dots"),
        ("savedmodel", "dots, for serve"),
    ]
    prepared = prepare(image_folder, image_size=8)
    assert items[0].size == sum(
        p.stat().st_size for p in prepared.path.iterdir()
    )
    assert items[3].size == len("kerasgan" + "graph")
    before = np.array(prepared.images)
    others = {
        name for name in files(folder) if "e" * 32 in name or "mine" in name
    }
    others |= {
        "notes.txt",
        "data/notes.txt",
        "inception/inception-2015-12-05.npz",
    }
    assert all(cached_items.remove(item) for item in items)
    left = {
        name for name in files(folder) if not name.endswith(".part/images.npy")
    }
    assert left == others
    # A training that has them open reads them on, and they are made again.
    if os.name != "nt":
        np.testing.assert_array_equal(prepared.images, before)
    np.testing.assert_array_equal(
        prepare(image_folder, image_size=8).images, before
    )
    # A process that writes is left alone for a day.
    (half,) = (folder / "data").glob(".*.part")
    assert half.is_dir()
    age(half, 2)
    (_, item) = cached_items.cached_items()
    assert (item.kind, cached_items.remove(item)) == ("unfinished", True)
    assert not half.exists()


def test_what_is_being_written_is_kept(folder):
    (item,) = [i for i in cached_items.cached_items() if i.kind == "features"]
    writing = item.path / (".0-9.npy." + "0" * 32 + ".part")
    writing.write_text("half")
    assert not cached_items.remove(item)
    assert writing.exists()


def test_use_is_noted(folder, image_folder):
    age(folder, 40)
    kinds = {
        i.kind
        for i in cached_items.cached_items()
        if time.time() - i.used < DAY
    }
    assert not kinds
    prepare(image_folder, image_size=8)
    kinds = {
        i.kind
        for i in cached_items.cached_items()
        if time.time() - i.used < DAY
    }
    assert kinds == {"images"}


def test_no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "nowhere"))
    assert cached_items.cached_items() == []
