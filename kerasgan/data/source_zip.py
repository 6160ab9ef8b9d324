"""A zip of images."""

import os
import re
import threading
import zipfile

from kerasgan.data.members import is_image
from kerasgan.data.splits import select_split


class ZipSource:
    """The images in a zip, sorted by name. Nothing is extracted.

    Args:
        path: the zip.
        split: see `kerasgan.data.splits.select_split`.

    Raises:
        ValueError: the file is not a zip, or a damaged one.
    """

    def __init__(self, path, split):
        try:
            self.archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise ValueError(
                "Expected a folder of images, a zip of images or "
                f"'tfds:<name>', but the file is not a sound zip ({error}). "
                f"Received: source={path}"
            ) from error
        self.lock = threading.Lock()
        found, self.skipped = _images(self.archive)
        self.names, self.split = select_split(found, split, path)
        self.members = [(name, found[name]) for name in self.names]
        status = os.stat(path)
        self.identity = {
            "kind": "zip",
            "path": os.path.realpath(path),
            "size": status.st_size,
            "modified": status.st_mtime_ns,
        }

    def __len__(self):
        return len(self.members)

    def __iter__(self):
        for name, member in self.members:
            yield name, _Reader(self, member)


def _images(archive):
    """Name -> member of all images, and `(name, reason)` of what is skipped."""
    found, skipped = {}, []
    for info in archive.infolist():
        # Some programs write `test\\0.png` or `./0.png`.
        name = info.filename.replace("\\", "/")
        outside = name.startswith("/") or re.match("[A-Za-z]:", name)
        name = "/".join(part for part in name.split("/") if part not in ("", "."))
        if info.is_dir():
            continue
        if outside or ".." in name.split("/"):
            if is_image(name.replace("../", "")):
                skipped.append((info.filename, "its name leads out of the zip"))
        elif is_image(name):
            if name in found:
                skipped.append((info.filename, "there is another of its name"))
            else:
                found[name] = info
    return found, skipped


class _Reader:
    def __init__(self, source, member):
        self.source = source
        self.member = member

    def __call__(self):
        # ZipFile counts its open members without a lock of its own.
        with self.source.lock:
            return self.source.archive.read(self.member)
