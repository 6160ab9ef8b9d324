import hashlib
import os
import stat
import subprocess
import sys

import pytest

from kerasgan.utils.files import (
    atomic_write,
    naming,
    remove_parts,
    sha256,
    write_file,
)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bytes_and_text(tmp_path):
    with atomic_write(tmp_path / "a") as file:
        file.write(b"\x00\xff")
    assert (tmp_path / "a").read_bytes() == b"\x00\xff"
    with atomic_write(str(tmp_path / "b"), "w", encoding="utf-8") as file:
        file.write("ö")
    assert (tmp_path / "b").read_bytes() == "ö".encode()
    for content in ("ö\n", b"\xff"):
        write_file(tmp_path / "a", content)
        expected = content if content == b"\xff" else content.encode()
        assert (tmp_path / "a").read_bytes() == expected
    assert names(tmp_path) == ["a", "b"]


def test_the_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "a"
    with atomic_write(path) as file:
        file.write(b"new")
        file.flush()
        assert not path.exists()
        # The other file is in the same folder, and hidden.
        (part,) = names(tmp_path)
        assert part.startswith(".a.")
    path.write_bytes(b"old")
    with atomic_write(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_keeps_what_was_there(tmp_path, error):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(error), atomic_write(path) as file:
        file.write(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a"]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere/a'$"):
        with atomic_write(tmp_path / "nowhere" / "a"):
            raise AssertionError("not to be reached")


def test_permissions_are_those_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "a") as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_a_killed_process_leaves_no_half_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    code = (
        "import os, sys\n"
        "from kerasgan.utils.files import atomic_write\n"
        "with atomic_write(sys.argv[1]) as file:\n"
        "    file.write(b'half')\n"
        "    file.flush()\n"
        "    os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=False)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("shown", ["/dev/full", "full"])
def test_an_error_of_the_disk_names_the_file(shown):
    """And what it names already stays."""
    if not os.path.exists("/dev/full"):
        pytest.skip("needs a device that is full")
    with pytest.raises(OSError, match=f"No space left on device: '{shown}'$"):
        with naming(shown if shown == "full" else "other"):
            with naming(shown), open("/dev/full", "wb") as file:
                file.write(b"x")


def test_parts_of_killed_processes_are_removed(tmp_path):
    (tmp_path / "best").mkdir()
    kept = [".part", ".mine.part", "a.part", ".a.0123.part", "x.weights.h5"]
    hexadecimal = "0123456789abcdef" * 2
    parts = [
        f"best/.recipe.yaml.{hexadecimal}.part",
        ".part.generator.weights.h5",
    ]
    for name in [*kept, *parts]:
        (tmp_path / name).touch()
    # That is what they are called.
    with atomic_write(tmp_path / "new"):
        (part,) = [p.name for p in tmp_path.glob(".new*")]
    (tmp_path / part).touch()
    remove_parts(tmp_path)
    assert names(tmp_path) == sorted([*kept, "best", "new"])
    assert names(tmp_path / "best") == []


@pytest.mark.parametrize("size", [0, 3, (1 << 20) + 1])
def test_sha256(tmp_path, size):
    data = os.urandom(size)
    (tmp_path / "a").write_bytes(data)
    assert sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()
