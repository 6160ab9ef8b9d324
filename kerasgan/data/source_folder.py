"""A folder of images, with all its subfolders."""

import hashlib
import os

from kerasgan.data.members import is_image
from kerasgan.data.splits import select_split


class FolderSource:
    """The images below a folder, sorted by name.

    Args:
        path: the folder. Links to folders are followed.
        split: see `kerasgan.data.splits.select_split`.
    """

    def __init__(self, path, split):
        self.path = os.path.realpath(path)
        found = dict(_walk(self.path))
        self.skipped = []
        self.names, self.split = select_split(found, split, path)
        listing = hashlib.sha256()
        for name in self.names:
            size, modified = found[name]
            line = f"{name}\0{size}\0{modified}\n"
            listing.update(line.encode("utf-8", "surrogateescape"))
        self.identity = {
            "kind": "folder",
            "path": self.path,
            "listing": listing.hexdigest(),
        }

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        for name in self.names:
            yield name, _Reader(os.path.join(self.path, *name.split("/")))


class _Reader:
    def __init__(self, path):
        self.path = path

    def __call__(self):
        with open(self.path, "rb") as file:
            return file.read()


def _walk(root):
    """Yields `(name, (size, mtime in ns))` of each image below `root`."""
    pending = [(root, "", frozenset())]
    while pending:
        folder, prefix, above = pending.pop()
        status = os.stat(folder)
        identity = (status.st_dev, status.st_ino)
        if identity in above and status.st_ino:  # a link to a folder above
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                name = prefix + entry.name
                if entry.is_dir():
                    if not entry.name.startswith("."):
                        pending.append(
                            (entry.path, name + "/", above | {identity})
                        )
                elif is_image(name):
                    try:
                        status = entry.stat()
                        found = (status.st_size, status.st_mtime_ns)
                    except FileNotFoundError:  # a link to nothing
                        found = (-1, -1)
                    yield name, found
