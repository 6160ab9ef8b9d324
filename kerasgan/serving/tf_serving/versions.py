"""Folders of versions, which appear whole or not at all."""

import contextlib
import operator
import os
import shutil
import uuid

from kerasgan.utils.files import sha256

EXTRA = "assets.extra"
CHECKSUMS = "SHA256SUMS"


def versions(base):
    """Returns the versions in a model's folder: integers in ascending order."""
    names = os.listdir(base) if base.is_dir() else []
    return sorted({int(name) for name in names if name.isdecimal()})


def new_version(base, version=None):
    """Returns the folder that a new version gets.

    Args:
        base: `pathlib.Path` of the model's folder, which need not exist.
        version: an integer of at least 1; by default one more than the highest
            that is there.

    Raises:
        FileExistsError: the version is there already.
        ValueError: it is no integer of at least 1.
    """
    there = versions(base)
    if version is None:
        return base / str(max(there, default=0) + 1)
    try:
        number = operator.index(version)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(
            "A version must be an integer of at least 1. "
            f"Received: version={version!r}"
        )
    if number in there:
        raise FileExistsError(
            f"Version {number} of {base} is there already, and a version is "
            f"never overwritten. Received: version={number}"
        )
    return base / str(number)


def write_version(base, version, fill):
    """Write a version so that a server which polls the folder sees it whole.

    Args:
        base, version: as for `new_version`.
        fill: a function that makes the folder which is its argument, with an
            `assets.extra`. The SHA-256 of all files is added to the latter.

    Returns:
        `pathlib.Path` of the version's folder.

    Raises:
        FileExistsError: the version is there already.
    """
    path = new_version(base, version)
    base.mkdir(parents=True, exist_ok=True)
    # A server that polls the folder takes names that are numbers for versions.
    temporary = base / f".export-{uuid.uuid4().hex}.part"
    try:
        fill(temporary)
        _write_checksums(temporary)
        _synchronize(temporary)
        while True:
            try:
                os.rename(temporary, path)
                return path
            except OSError:
                # Somebody else was faster.
                if not path.exists():
                    raise
                path = new_version(base, version)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_checksums(folder):
    lines = [
        f"{sha256(file)}  {file.relative_to(folder).as_posix()}\n"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    ]
    (folder / EXTRA / CHECKSUMS).write_text("".join(lines))


def _synchronize(folder):
    """Bring a folder to the disk: after a power failure it is whole, too."""
    for path in (*folder.rglob("*"), folder):
        # Windows has no folders that can be opened.
        with contextlib.suppress(PermissionError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
