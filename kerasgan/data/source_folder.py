"""A folder of images, with all its subfolders."""

import hashlib
import os
import stat

from kerasgan.data.members import Listing, Members, is_hidden

# What is no file: opening a named pipe would wait for its other end.
_SPECIAL = {
    stat.S_IFDIR: "a folder that cannot be listed",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class FolderSource(Members):
    """The images below a folder, sorted by name.

    What cannot be read is listed too, so that it can be named as skipped.

    Args:
        path: the folder. Links to folders are followed.
        split: see `kerasgan.data.splits.select_split`.
    """

    def __init__(self, path, split):
        self.path = os.path.realpath(path)
        listing, states = Listing(), {}
        for name, read_state in _walk(self.path):
            if listing.add(name):
                states[name] = read_state()
        super().__init__(listing, split, path)
        self.skipped = []
        digest = hashlib.sha256()
        for name in self.names:
            line = "\0".join(map(str, (name, *states[name]))) + "\n"
            digest.update(line.encode("utf-8", "surrogateescape"))
        self.identity = {
            "kind": "folder",
            "path": self.path,
            "listing": digest.hexdigest(),
        }

    def __iter__(self):
        for name in self.names:
            yield name, _Reader(os.path.join(self.path, *name.split("/")))


class _Reader:
    def __init__(self, path):
        self.path = path

    @property
    def size(self):
        status = os.stat(self.path)
        if not stat.S_ISREG(status.st_mode):
            kind = _SPECIAL.get(stat.S_IFMT(status.st_mode), "not a file")
            raise ValueError(kind)
        return status.st_size

    def __call__(self, size=None):
        with open(self.path, "rb") as file:
            return file.read(self.size if size is None else size)


def _walk(root):
    """Yields `(name, read_state)` of all that is below `root`.

    `read_state()` returns what changes when the file does. The name of a
    folder that cannot be listed ends in `/`.
    """
    pending = [(root, "", frozenset())]
    while pending:
        folder, prefix, above = pending.pop()
        try:
            status = os.stat(folder)
            identity = (status.st_dev, status.st_ino)
            if identity in above and status.st_ino:  # a link to a folder above
                continue
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError:
            if not prefix:
                raise
            yield prefix, lambda: (-1, -1)
            continue
        for entry in entries:
            name = prefix + entry.name
            if not _is_folder(entry):
                yield name, lambda entry=entry: _state(entry)
            elif not is_hidden(name):
                pending.append((entry.path, name + "/", above | {identity}))


def _is_folder(entry):
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _state(entry):
    try:
        status = entry.stat()
    except OSError:  # a link to nothing, or to itself
        return (-1, -1)
    state = (status.st_size, status.st_mtime_ns)
    # Changed permissions change no time, but whether the file can be read.
    if status.st_mode & stat.S_IROTH:
        return state
    return (*state, status.st_mode)
