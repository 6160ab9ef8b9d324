"""Images that are decoded one at a time, for the sake of memory."""

import contextlib
import threading

# An encoded image of more bytes is not read: those of an uncompressed TIFF of
# as many pixels as Pillow takes to be sound.
MAX_BYTES = 2**28 + 2**20
_LARGE_BYTES = 2**25
_one_at_a_time = threading.RLock()


def one_at_a_time(large):
    """Returns a context in which one thread is at a time, if `large`."""
    return _one_at_a_time if large else contextlib.nullcontext()


def is_large(size):
    """Returns whether an image of so many bytes must be decoded alone.

    Raises:
        ValueError: it is too large to be read.
    """
    if size > MAX_BYTES:
        raise ValueError(
            f"{size >> 20} MiB, more than {MAX_BYTES >> 20} MiB: save it with "
            "fewer pixels or as JPEG"
        )
    return size > _LARGE_BYTES
