"""Prepared images on disk: one folder each, with an array and its index."""

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
import time
import uuid
import warnings
from pathlib import Path

import numpy as np
import platformdirs

from kerasgan.utils.json_files import read_json

ARRAY = "images.npy"
INDEX = "index.json"
# What an abandoned preparation (a killed process) left is removed after a day.
ABANDONED_SECONDS = 24 * 3600
# Arrays whose fingerprint was right in this process: the folder, and what
# changes with the file.
_VERIFIED: set[tuple[Path, int, int, int]] = set()


@dataclasses.dataclass(frozen=True)
class PreparedImages:
    """Images of one size, ready to be drawn from.

    Attributes:
        images: uint8 array `[N, height, width, 3]` (or 1 channel),
            memory-mapped, read-only.
        names: list of N names in the source, in the order of `images`.
        skipped: list of the names of the images that could not be used.
        fingerprint: SHA-256 of the shape and the pixels: equal for equal
            images, wherever they came from.
        path: `pathlib.Path` of the folder in the cache.
        remarks: list of lines: how many images were skipped, are copies of
            others, ..., and how many files were ignored.
        split: what the images are: the name of a split or a folder of the
            source, `"held-out"`, or `"all"` if it has no splits.
        labels: int32 array `[N]`, indices of `classes`; None without labels.
        classes: list of the names of the classes; None without labels.
    """

    images: np.ndarray
    names: list
    skipped: list
    fingerprint: str
    path: Path
    remarks: list = dataclasses.field(default_factory=list)
    split: str = "all"
    labels: np.ndarray | None = None
    classes: list | None = None

    def __len__(self):
        return len(self.images)


def default_folder():
    """Returns the default folder of prepared images.

    `$KERASGAN_CACHE/data`, or else `data` in the folder `kerasgan` of the
    system's caches: `~/.cache` (or `$XDG_CACHE_HOME`) on Linux,
    `~/Library/Caches` on macOS, `%LOCALAPPDATA%` on Windows. A warning says
    where the cache was in earlier versions, if there is one.
    """
    if root := os.environ.get("KERASGAN_CACHE"):
        return Path(root).expanduser() / "data"
    root = platformdirs.user_cache_path("kerasgan", False, opinion=False)
    before = Path("~/.cache/kerasgan").expanduser()
    if before.is_dir() and not root.exists():
        warnings.warn(
            f"The cache is now {root}. To keep what is in {before}, move it "
            f"there: mv {before} {root}",
            stacklevel=2,
        )
    return root / "data"


def key(settings):
    """Returns the name of the folder that belongs to a JSON-serializable dict."""
    text = json.dumps(settings, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read(folder):
    """Returns what an earlier preparation left in `folder`.

    The pixels are compared with their fingerprint, once in a process.

    Returns:
        `(PreparedImages, index)`, the latter the dict that was written with it;
        or `None` if there is nothing there, or something damaged, of which
        there is a warning.
    """
    try:
        prepared, index = _open(folder)
    except FileNotFoundError:
        return None
    # numpy raises many kinds of errors for a damaged header.
    except Exception as error:
        warnings.warn(
            f"the prepared images in {folder} are damaged, and prepared again "
            f"({error})",
            stacklevel=2,
        )
        return None
    touch(folder / INDEX)
    return prepared, index


def _open(folder):
    """Reads as `read`; raises an error if there is nothing whole."""
    index = read_json(folder / INDEX, "it is written again")
    images = np.load(folder / ARRAY, mmap_mode="r", allow_pickle=False)
    if list(images.shape) != index["shape"] or images.dtype != np.uint8:
        raise ValueError(f"expected uint8 {index['shape']} in {ARRAY}")
    status = os.stat(folder / ARRAY)
    state = (folder, status.st_ino, status.st_size, status.st_mtime_ns)
    if state not in _VERIFIED:
        if fingerprint(images) != index["fingerprint"]:
            raise ValueError(f"{ARRAY} has another fingerprint")
        _VERIFIED.add(state)
    prepared = PreparedImages(
        images,
        index["names"],
        index["skipped"],
        index["fingerprint"],
        folder,
    )
    if "labels" in index:
        labels = np.array(index["labels"], np.int32)
        if labels.shape != images.shape[:1]:
            raise ValueError("expected a label of each image")
        prepared = dataclasses.replace(
            prepared, labels=labels, classes=index["classes"]
        )
    return prepared, index


def fingerprint(images):
    """Returns the SHA-256 of the pixels and the shape of a uint8 array."""
    digest = hashlib.sha256(images)
    digest.update(repr(tuple(images.shape)).encode())
    return digest.hexdigest()


def _is_whole(folder):
    try:
        _open(folder)
    except Exception:
        return False
    return True


def touch(path):
    """Note that a file of the cache was used now (`kerasgan cache` shows it)."""
    # A cache that is shared may be read-only.
    with contextlib.suppress(OSError):
        os.utime(path)


@contextlib.contextmanager
def writing(folder):
    """Opens a temporary folder that becomes `folder` if the block succeeds.

    If another process finished `folder` meanwhile, that one stays. If the
    block fails, nothing is left.

    Args:
        folder: `pathlib.Path`, in a folder that is made if needed.

    Yields:
        `pathlib.Path` of an empty folder on the same file system.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    # Not mkdtemp, whose folders are closed to all but their owner.
    temporary = folder.parent / f".{folder.name}.{uuid.uuid4().hex}.part"
    temporary.mkdir()
    try:
        yield temporary
        if folder.exists() and not _is_whole(folder):
            shutil.rmtree(folder)
        try:
            os.rename(temporary, folder)
        except OSError:
            if not _is_whole(folder):
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sweep(parent):
    for left in parent.glob(".*.part"):
        with contextlib.suppress(OSError):
            touched = max(
                path.stat().st_mtime for path in [left, *left.iterdir()]
            )
            if time.time() - touched > ABANDONED_SECONDS:
                shutil.rmtree(left)


class ArrayWriter:
    """Writes a `.npy` file of images whose number is known only at the end.

    Args:
        path: the file.
        image_shape: shape of each uint8 image; None for that of the first.
    """

    def __init__(self, path, image_shape=None):
        self.image_shape = image_shape and tuple(image_shape)
        self.count = 0
        self._pixels = hashlib.sha256()
        self._file = open(path, "wb")

    def append(self, image):
        if not self.count:
            self.image_shape = self.image_shape or image.shape
            self._write_header()
            self._start = self._file.tell()
        if image.shape != self.image_shape or image.dtype != np.uint8:
            raise ValueError(
                f"Expected uint8 {self.image_shape}. "
                f"Received: image={image.dtype} {image.shape}"
            )
        data = np.ascontiguousarray(image).data
        self._pixels.update(data)
        self._file.write(data)
        self.count += 1

    def close(self):
        """Completes the file. Returns the fingerprint."""
        self._file.seek(0)
        self._write_header()
        # numpy leaves room in the header for the first axis to grow.
        assert self._file.tell() == self._start
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._pixels.update(repr((self.count, *self.image_shape)).encode())
        return self._pixels.hexdigest()

    def abandon(self):
        self._file.close()

    def _write_header(self):
        np.lib.format.write_array_header_1_0(
            self._file,
            {
                "descr": "|u1",
                "fortran_order": False,
                "shape": (self.count, *self.image_shape),
            },
        )
