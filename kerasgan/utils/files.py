"""Files that are either whole or not there."""

import contextlib
import hashlib
import os
import uuid


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
        file = open(temporary, mode.replace("w", "x"), **kwargs)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def sha256(path):
    """Returns the SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
