"""The size of the images of a source."""

import io
import itertools
import statistics

from kerasgan.data.large_images import is_large, one_at_a_time
from kerasgan.data.opened_source import is_tfds

# From all over the source; their headers are read in a few milliseconds.
SAMPLED = 16


def shorter_side(opened):
    """Returns the median of the shorter sides of some images, in pixels.

    Args:
        opened: a source (see `kerasgan.data.sources`).

    Returns:
        A number; None if none of them can be read.
    """
    # A data set of TensorFlow Datasets is read from its beginning.
    tfds = is_tfds(opened)
    every = 1 if tfds else -(-len(opened) // SAMPLED)
    members = itertools.islice(opened, 0, SAMPLED * every, every)
    sides = [_shorter_side(read) for _, read in members]
    sides = [side for side in sides if side]
    return statistics.median(sides) if sides else None


def _shorter_side(read):
    from PIL import Image

    try:
        with one_at_a_time(is_large(read.size)):
            with Image.open(io.BytesIO(read())) as image:
                return min(image.size)
    # Preparing the image reports what is wrong with it.
    except Exception:
        return None
