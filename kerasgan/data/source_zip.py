"""A zip of images."""

import os
import threading
import zipfile

from kerasgan.data.members import Listing

# Compressed bytes that are inflated at once.
_CHUNK = 4096


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
        listing = Listing()
        found = {
            info.filename: info
            for info in self.archive.infolist()
            if not info.is_dir() and listing.add(info.filename)
        }
        names, self.unknown, self.others = listing.select(split, path)
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

    @property
    def size(self):
        return self.member.file_size

    def __call__(self, size=None):
        if self.member.flag_bits & 1:
            raise ValueError("encrypted: unpack it with its password")
        left = self.size if size is None else min(size, self.size)
        # All at once, a small member of these kinds could inflate without end;
        # of the others no more than is asked for is inflated.
        bounded = self.member.compress_type in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        )
        step = left if bounded else _CHUNK
        parts = []
        # ZipFile counts its open members without a lock of its own.
        with self.source.lock, self.source.archive.open(self.member) as file:
            while left > 0 and (part := file.read(min(step, left))):
                parts.append(part)
                left -= len(part)
        return b"".join(parts)
