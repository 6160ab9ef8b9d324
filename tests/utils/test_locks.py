"""One writer a folder, by the operating system's locks."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from kerasgan.utils import locks
from kerasgan.utils.locks import LOCK, FolderLock, check_unlocked

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="kills processes as POSIX does"
)
CODE = (
    "import sys, time\n"
    "from kerasgan.utils.locks import FolderLock\n"
    "with FolderLock(sys.argv[1]):\n"
    "    print('locked', flush=True)\n"
    "    time.sleep(60)\n"
)


def test_another_process_is_named_and_its_end_is_that_of_the_lock(tmp_path):
    folder = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, folder], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"locked\n"
        before = {p: p.read_bytes() for p in folder.iterdir()}
        said = f"run is in use by process {process.pid} on .*: one process"
        with pytest.raises(BlockingIOError, match=said):
            check_unlocked(folder)
        with pytest.raises(BlockingIOError, match=said), FolderLock(folder):
            pytest.fail("two have it")
        assert {p: p.read_bytes() for p in folder.iterdir()} == before
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    # The file is left and locks nothing.
    assert (folder / LOCK).exists()
    check_unlocked(folder)
    with FolderLock(folder):
        # A lock is of an open file: this process, too, has it once.
        with pytest.raises(BlockingIOError):
            check_unlocked(folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_made_for_nothing_is_removed(tmp_path):
    with FolderLock(tmp_path / "a"):
        pass
    with FolderLock(tmp_path / "b"):
        (tmp_path / "b" / "file").touch()
    assert [p.name for p in tmp_path.rglob("*")] == ["b", "file"]


def test_a_file_that_its_holder_removed_is_no_lock(tmp_path, monkeypatch):
    """Who opened it before the holder's end takes the file that is there now."""
    lock = locks._lock

    def slow(file):
        monkeypatch.setattr(locks, "_lock", lock)
        os.unlink(tmp_path / LOCK)
        lock(file)

    monkeypatch.setattr(locks, "_lock", slow)
    with FolderLock(tmp_path) as held:
        held.check()
        with pytest.raises(BlockingIOError):
            check_unlocked(tmp_path)


def test_a_folder_that_was_replaced_is_noticed_and_left_alone(tmp_path):
    folder = tmp_path / "run"
    with FolderLock(folder) as held:
        os.rename(folder, tmp_path / "moved")
        with pytest.raises(FileNotFoundError, match="removed or replaced"):
            held.check()
        with FolderLock(folder) as second:
            with pytest.raises(FileNotFoundError, match="removed or replaced"):
                held.check()
            held.__exit__()
            second.check()
            # Closed again at the end of the block.
            held._file = os.open(os.devnull, os.O_RDONLY)


def test_a_file_system_without_locks_is_warned_of(tmp_path, monkeypatch):
    def unsupported(file, operation):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(locks.fcntl, "flock", unsupported)
    with pytest.warns(match=r"no locks \(No locks available\)"):
        with FolderLock(tmp_path):
            pass
