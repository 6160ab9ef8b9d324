"""Files that are either whole or not there."""

import contextlib
import hashlib
import os
import re
import uuid

# Those of `atomic_write`, and of weights in kerasgan 0.2.
_PART = re.compile(r"\..+\.[0-9a-f]{32}\.part|\.part\..+\.weights\.h5")


@contextlib.contextmanager
def atomic_write(path, mode="wb", **kwargs):
    """Open a file that appears at `path` only when it is complete.

    The bytes go to a temporary file in the same folder, which takes the place
    of `path` when the block ends without an error; otherwise it is removed and
    whatever was at `path` stays as it was.

    Args:
        path: where to write the file. Its folder must exist.
        mode: `"wb"` or `"w"`.
        **kwargs: passed to `open`, such as `encoding`.

    Yields:
        The open file.
    """
    path = os.fspath(path)
    # Unlike the temporary files of `tempfile`, this one gets the permissions
    # that any new file of the user has.
    temporary = os.path.join(
        os.path.dirname(path),
        f".{os.path.basename(path)}.{uuid.uuid4().hex}.part",
    )
    try:
        with open(temporary, mode.replace("w", "x"), **kwargs) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        # Nothing can be removed from a file system that is read-only now.
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        if getattr(error, "filename", None) == temporary:
            raise type(error)(error.errno, error.strerror, path) from None
        with naming(path):
            raise


def write_file(path, content):
    """Writes bytes, or a text in UTF-8, as `atomic_write`."""
    if isinstance(content, str):
        content = content.encode()
    with atomic_write(path) as file:
        file.write(content)


@contextlib.contextmanager
def naming(path):
    """Names a file in errors of the block that name none, such as a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = os.fspath(path)
        raise


def remove_parts(folder):
    """Removes the temporary files that killed processes left in a folder.

    Args:
        folder: `pathlib.Path`, into which no other process is writing.
    """
    for path in folder.rglob(".*"):
        if _PART.fullmatch(path.name):
            path.unlink(missing_ok=True)


def sha256(path):
    """Returns the SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of(content):
    """Returns the SHA-256 of bytes, as `sha256` of a file that holds them."""
    return hashlib.sha256(content).hexdigest()
