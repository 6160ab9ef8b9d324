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

IMAGE_ENDINGS = (
    ".bmp",
    ".gif",
    ".jfif",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)
# Names that say "I am one split of several", whatever split is asked for.
SPLIT_NAMES = frozenset(
    "train training test testing val valid validation dev eval".split()
)


def open_source(source, split="train", data_dir=None):
    """The source that a user's words name.

    Args:
        source: `"tfds:<name>"`, or the path of a folder or of a zip of images.
        split: the split, see `select_split`; for TFDS, its own split syntax.
        data_dir: for TFDS, the folder of its data sets. Defaults to TFDS's.

    Returns:
        A source, as this module describes it.

    Raises:
        FileNotFoundError: no such folder or file.
        ValueError: not a source, no such split, or no image in it.
    """
    if isinstance(source, str) and source.startswith("tfds:"):
        from kerasgan.data.source_tfds import TFDSSource

        return TFDSSource(source[len("tfds:") :], split, data_dir)
    path = os.path.expanduser(os.fspath(source))
    if not os.path.exists(path):
        raise FileNotFoundError(
            "Expected a folder of images, a zip of images or 'tfds:<name>', "
            f"but there is no such folder or file. Received: source={source}"
        )
    if os.path.isdir(path):
        from kerasgan.data.source_folder import FolderSource

        opened = FolderSource(path, split)
    else:
        from kerasgan.data.source_zip import ZipSource

        opened = ZipSource(path, split)
    if not len(opened):
        raise ValueError(
            "Expected a source with images (jpg, png, webp, ...), but it has "
            f"none. Received: source={source}, split={split}"
        )
    return opened


def is_image(name):
    """Whether a member's name (with `/` between folders) is an image's."""
    parts = name.split("/")
    # Hidden files, and the doubles that macOS writes into zips.
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return False
    return parts[-1].lower().endswith(IMAGE_ENDINGS)


def select_split(names, split, source):
    """The names that belong to a split.

    A source that is wrapped in one outer folder is unwrapped first. Then: the
    top-level subfolder that has the split's name; or, for `"train"`, everything
    if no top-level subfolder has the name of a split (test, validation, ...).

    Args:
        names: the names of all images, with `/` between folders.
        split: the split's name.
        source: the source's path, for the message.

    Returns:
        A sorted list of names.

    Raises:
        ValueError: there is no such split; the message lists those there are.
    """
    names = sorted(names)
    start = 0
    folders = _folders(names, start)
    while len(folders) == 1 and "" not in folders:
        (folder,) = folders
        if folder == split or folder.lower() in SPLIT_NAMES:
            break
        start += len(folder) + 1
        folders = _folders(names, start)
    if split in folders:
        prefix = names[0][:start] + split + "/"
        return [name for name in names if name.startswith(prefix)]
    splits = sorted(f for f in folders if f.lower() in SPLIT_NAMES)
    if split == "train" and not splits:
        return names
    if splits:
        there = "those that are: " + ", ".join(splits)
    else:
        there = "it has no splits, only everything ('train')"
    raise ValueError(
        f"Expected a split of the source; {there}. "
        f"Received: split={split}, source={source}"
    )


def _folders(names, start):
    """The first folder of each name from `start` on; "" for a bare file."""
    return {name[start:].rpartition("/")[0].split("/")[0] for name in names}
