"""A zip of images."""

import os
import threading
import zipfile

from kerasgan.data.members import is_image, select_split


class ZipSource:
    """The images in a zip, sorted by name. Nothing is extracted.

    Args:
        path: the zip.
        split: see `kerasgan.data.members.select_split`.

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
        found = {
            info.filename: info
            for info in self.archive.infolist()
            if not info.is_dir() and is_image(info.filename)
        }
        names = select_split(found, split, path) if found else []
        self.members = [found[name] for name in names]
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
        for member in self.members:
            yield member.filename, _Reader(self, member)


class _Reader:
    def __init__(self, source, member):
        self.source = source
        self.member = member

    def __call__(self):
        # ZipFile counts its open members without a lock of its own.
        with self.source.lock:
            return self.source.archive.read(self.member)
