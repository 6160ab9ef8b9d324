"""The common part of all open sources."""

import os

TFDS = "tfds:"


class OpenedSource(os.PathLike):
    """A source that is open, and can be passed on in place of its path.

    Attributes:
        given: the source as a user named it.
        asked: the split that was asked for.
        labelled: what `kerasgan.data.labels.labelling` made of it last, or None.
    """

    given: str = ""
    asked: str | None = None
    labelled = None

    def __fspath__(self):
        return os.fspath(self.given)

    __str__ = __fspath__

    def close(self):
        """Forgets all but its name, by which it is opened again if needed.

        A listing of all files would stay in memory.
        """
        given = self.given
        vars(self).clear()
        self.given, self.asked = given, False


def is_tfds(source):
    """Returns whether a source is a data set of TensorFlow Datasets."""
    return os.fspath(source).startswith(TFDS)


def file_identity(kind, path):
    """Returns what distinguishes a file's images from others': its `identity`."""
    status = os.stat(path)
    return {
        "kind": kind,
        "path": os.path.realpath(path),
        "size": status.st_size,
        "modified": status.st_mtime_ns,
    }
