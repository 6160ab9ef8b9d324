"""The members of a folder or a zip: which are images, and of which split."""

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
        split: the split's name; None for `"test"` where there is such a split
            and everything where there are none.
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
    if split is None:
        split = "test" if "test" in folders else "train"
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
