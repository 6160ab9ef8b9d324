"""Where images come from.

A source is an object with

- `identity`: a JSON-serializable dict of all that tells its images from
  others' (a part of the cache key),
- `len(source)`: how many images it names,
- `iter(source)`: pairs `(name, read)` in a fixed order; `read()` returns the
  encoded image as bytes, and may be called from any thread.

A new kind of source is one module with such a class and one line here.
"""

import os
import warnings
from pathlib import Path

from kerasgan.data.source_folder import FolderSource
from kerasgan.data.source_zip import ZipSource


def open_source(source, split="train", data_dir=None):
    """The source that a user's words name.

    Args:
        source: `"tfds:<name>"`, or the path of a folder or of a zip of images.
        split: the split, see `kerasgan.data.members.select_split`;
            for TFDS, its own split syntax.
        data_dir: for TFDS, the folder of its data sets. Defaults to TFDS's.

    Returns:
        A source, as this module describes it.

    Raises:
        FileNotFoundError: no such folder or file.
        ValueError: not a source, no such split, or no image in it.
    """
    if isinstance(source, str) and source.startswith("tfds:"):
        from kerasgan.data.source_tfds import TFDSSource

        name = source[len("tfds:") :]
        return TFDSSource(name, split or "test", data_dir)
    if data_dir is not None:
        # Always from this place, and so once: a source is opened repeatedly.
        warnings.warn(
            "data_dir is the folder of TensorFlow Datasets, for 'tfds:' "
            "sources; it does nothing for folders and zips",
            stacklevel=1,
        )
    path = os.path.expanduser(os.fspath(source))
    if not os.path.exists(path):
        raise FileNotFoundError(
            "Expected a folder of images, a zip of images or 'tfds:<name>', "
            f"but there is no such folder or file. Received: source={source}"
        )
    if os.path.isdir(path):
        opened = FolderSource(path, split)
    else:
        opened = ZipSource(path, split)
    if not len(opened):
        raise ValueError(
            "Expected a source with images (jpg, png, webp, ...), but it has "
            f"none. Received: source={source}, split={split}"
        )
    return opened


def source_name(source):
    """What records call a source: without the folders of one machine."""
    if isinstance(source, str) and source.startswith("tfds:"):
        return source
    return Path(source).name
