"""Files that are either whole or not there."""

import contextlib
import hashlib
import os
import tempfile


@contextlib.contextmanager
def atomic_write(path, mode="wb", **kwargs):
    """Open a file that appears at `path` only when it is complete.

    The bytes go to a temporary file in the same folder, which takes the place
    of `path` when the block ends without an error; otherwise it is removed and
    whatever was at `path` stays as it was.

    Args:
        path: where the file shall be. Its folder must exist.
        mode: `"wb"` or `"w"`.
        **kwargs: passed to `open`, such as `encoding`.

    Yields:
        The open file.
    """
    path = os.fspath(path)
    descriptor, temporary = tempfile.mkstemp(
        dir=os.path.dirname(path) or ".",
        prefix=f".{os.path.basename(path)}.",
        suffix=".part",
    )
    try:
        with open(descriptor, mode, **kwargs) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner may read.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def sha256(path):
    """The SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
