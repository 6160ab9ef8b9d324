"""Folders that one process at a time writes into."""

import contextlib
import errno
import os
import socket
import sys
import time
import warnings
from pathlib import Path

from kerasgan.utils.files import remove_parts

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK = ".lock"
_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)
_TRIES = 5
_PAUSE_SECONDS = 0.1


def acquire(path):
    """Locks a file for this process.

    The operating system holds the lock, and drops it when the process ends in
    whatever way: a file that was left is not locked. On file systems without
    locks a warning says so.

    Args:
        path: of the file; made if it is not there.

    Returns:
        The open file's descriptor, whose closing unlocks it; None if another
        process has locked it.

    Raises:
        OSError: the file cannot be opened.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(file)
        except OSError as error:
            if error.errno in _HELD:
                os.close(file)
                return None
            warnings.warn(
                f"{path}: this file system has no locks ({error.strerror}); "
                "make sure that no other process writes into the folder",
                stacklevel=3,
            )
            return file
        if _is_open(path, file):
            return file
        # Whoever held it before removed it.
        os.close(file)


class FolderLock:
    """A context in which no other process has the same folder's lock.

    When it begins, temporary files that killed processes left are removed.

    Args:
        folder: `pathlib.Path`; made if it is not there, and removed again if
            nothing was written into it.

    Raises:
        BlockingIOError: another process has it.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self._path = self.folder / LOCK

    def __enter__(self):
        self._made = not self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):
            self._file = acquire(self._path)
            if self._file is not None:
                break
            # Who only asks whether it is locked holds it for a moment.
            time.sleep(_PAUSE_SECONDS)
        else:
            raise _in_use(self.folder)
        # For the message of others, which a full disk may do without.
        with contextlib.suppress(OSError):
            os.ftruncate(self._file, 0)
            holder = f"process {os.getpid()} on {socket.gethostname()}"
            os.write(self._file, holder.encode())
        remove_parts(self.folder)
        return self

    def __exit__(self, *error):
        if os.name == "nt":
            # An open file cannot be removed there.
            os.close(self._file)
        with contextlib.suppress(OSError):
            self.check()
            self._path.unlink()
            if self._made:
                self.folder.rmdir()
        if os.name != "nt":
            os.close(self._file)

    def check(self):
        """Raises if the folder is no longer the one that was locked.

        Raises:
            FileNotFoundError: it was removed, or another took its place.
        """
        if os.name != "nt" and not _is_open(self._path, self._file):
            raise FileNotFoundError(
                f"{self.folder} was removed or replaced while this process "
                "was writing into it"
            )


def check_unlocked(folder):
    """Raises if another process writes into a folder; touches nothing.

    Raises:
        BlockingIOError: as `FolderLock`.
    """
    path = Path(folder) / LOCK
    if path.exists() and is_locked(path):
        raise _in_use(folder)


def is_locked(path):
    """Returns whether a process has locked a file; False without a file."""
    if not path.exists():
        return False
    file = acquire(path)
    if file is not None:
        os.close(file)
    return file is None


def _lock(file):
    if sys.platform == "win32":
        # A byte behind the text, which others read.
        os.lseek(file, 1 << 20, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        os.lseek(file, 0, os.SEEK_SET)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_open(path, file):
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


def _in_use(folder):
    holder = ""
    with contextlib.suppress(OSError):
        holder = (Path(folder) / LOCK).read_text(encoding="utf-8")
    return BlockingIOError(
        f"{folder} is in use by {holder or 'another process'}: one process at "
        "a time writes into a run directory; wait for it or choose another folder"
    )
