"""Sources of images.

A source is an object with

- `identity`: a JSON-serializable dict of all that distinguishes its images from
  others' (a part of the cache key),
- `len(source)`: how many images it names,
- `iter(source)`: pairs `(name, read)` in a fixed order. `read()` returns the
  encoded image as bytes, `read.size` how many there are, without reading them;
  both may be used from any thread, and raise an error for what is no file,
- `unknown`: a set of those names whose first bytes, `read(16)`, have to tell
  whether they are images,
- `split`: what its images are: the name of a split, of a folder, or `"all"`,
- `skipped`: pairs `(name, reason)` of members that cannot be images of any
  split,
- `others`: `{suffix: count}` of the files that are not among them,
- `classes()`: the names of the classes, in the order of the labels (`CLASSES_ARE`
  says what they are), after which `class_of(name, read)` is the class of a
  member or None; `classes_of_members()` has those that are known unread.

A new kind of source is one module with such a class, an `OpenedSource`, and one
line here.
"""

import os
import warnings
from pathlib import Path

from kerasgan.data.file_notes import suffixes
from kerasgan.data.opened_source import TFDS, OpenedSource, is_tfds
from kerasgan.data.source_array import ArraySource
from kerasgan.data.source_datasets import PREFIX, DatasetsSource, is_saved
from kerasgan.data.source_folder import FolderSource
from kerasgan.data.source_tar import TarSource, is_tar
from kerasgan.data.source_tfds import TFDSSource
from kerasgan.data.source_zip import ZipSource
from kerasgan.utils.source_kinds import SOURCES

# What tells whether a path is of a kind of source, and the kind; the first counts.
_KINDS = (
    (is_tfds, TFDSSource),
    (lambda path: path.startswith(PREFIX), DatasetsSource),
    (is_tar, TarSource),
    (lambda path: not os.path.exists(path), None),
    (is_saved, DatasetsSource),
    (os.path.isdir, FolderSource),
    (lambda path: path.lower().endswith((".npy", ".npz")), ArraySource),
    (os.path.exists, ZipSource),
)


def open_source(source, split="train", data_dir=None):
    """Returns the source that a user's words name.

    Args:
        source: `"tfds:<name>"`, `"hf-dataset:<name>"` (`kerasgan.data.
            source_datasets`), or the path of a folder, of a zip of images, of
            a tar or shards of them (`kerasgan.data.source_tar`) or of a NumPy
            file (`kerasgan.data.source_array`); or what this function returned
            for it, which is opened again only for another split.
        split: the split, see `kerasgan.data.splits.select_split`;
            for TFDS, its own split syntax.
        data_dir: for TFDS, the folder of its data sets. Defaults to TFDS's.

    Returns:
        A source, as this module describes it.

    Raises:
        FileNotFoundError: no such folder or file.
        ValueError: not a source, no such split, or no image in it.
    """
    if isinstance(source, OpenedSource):
        if source.asked == split:
            return source
        source = source.given
    opened = _open(source, split, data_dir)
    opened.given, opened.asked = source, split
    return opened


def _open(source, split, data_dir):
    path = os.path.expanduser(os.fspath(source))
    kind = next(kind for is_of_kind, kind in _KINDS if is_of_kind(path))
    options = {"data_dir": data_dir} if kind is TFDSSource else {}
    if data_dir is not None and not options:
        # Always from this place, and so once: a source is opened repeatedly.
        warnings.warn(
            "data_dir is the folder of TensorFlow Datasets, for 'tfds:' "
            "sources; it does nothing for folders and zips",
            stacklevel=1,
        )
    if kind is None:
        raise FileNotFoundError(
            f"Expected {SOURCES}, "
            f"but there is no such folder or file. Received: source={source}"
        )
    opened = kind(path, split, **options)
    if kind is FolderSource and opened.has_only_tars():
        opened = TarSource(path, split)
    if not len(opened):
        only = f", only {suffixes(opened.others)}" if opened.others else ""
        raise ValueError(
            "Expected a source with images (jpg, png, webp, ...), but it has "
            f"none{only}. Received: source={source}, split={split}"
        )
    return opened


def is_named(source):
    """Returns whether a source is a data set by its name, no place on disk."""
    return os.fspath(source).startswith((TFDS, PREFIX))


def same_source(source, other):
    """Returns whether two sources are one data set by name, or one place on disk."""
    source, other = os.fspath(source), os.fspath(other)
    if is_named(source) or is_named(other):
        return source == other
    return os.path.realpath(os.path.expanduser(source)) == os.path.realpath(
        os.path.expanduser(other)
    )


def source_name(source):
    """Returns what records call a source: without the folders of one machine."""
    text = os.fspath(source)
    if is_tfds(text):
        return text
    prefix = PREFIX if text.startswith(PREFIX) else ""
    name = text.removeprefix(PREFIX)
    return (
        text
        if prefix and not os.path.exists(name)
        else prefix + Path(name).name
    )
