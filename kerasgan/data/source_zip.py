"""A zip of images."""

import threading
import zipfile

from kerasgan.data.members import Listing, Members, add_members
from kerasgan.data.opened_source import file_identity
from kerasgan.utils.source_kinds import SOURCES

# Compressed bytes that are inflated at once.
_CHUNK = 4096


class ZipSource(Members):
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
                f"Expected {SOURCES}, but the file is not a sound zip ({error}). "
                f"Received: source={path}"
            ) from error
        self.lock = threading.Lock()
        listing, members = Listing(), {}
        entries = [
            (info.filename, info)
            for info in self.archive.infolist()
            if not info.filename.endswith(("/", "\\"))
        ]
        self.skipped = add_members(entries, listing, "zip", members)
        super().__init__(listing, split, path)
        self.members = [(name, members[name]) for name in self.names]
        self.identity = {
            **file_identity("zip", path),
            # Which of its members, by today's rules.
            "listing": self.listing_digest(),
        }

    def __iter__(self):
        for name, member in self.members:
            yield name, _Reader(self, member)


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
        # of the others no more than is requested is inflated.
        bounded = self.member.compress_type in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        )
        step = left if bounded else _CHUNK
        parts = []
        # ZipFile counts its open members without a lock.
        with self.source.lock, self.source.archive.open(self.member) as file:
            while left > 0 and (part := file.read(min(step, left))):
                parts.append(part)
                left -= len(part)
        return b"".join(parts)
