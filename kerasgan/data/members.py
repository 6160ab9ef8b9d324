"""The members of a folder or a zip: which are images."""

import collections

from kerasgan.data.formats import image_suffixes, is_other, suffix
from kerasgan.data.splits import names_a_split, select_split

# What operating systems leave in folders.
_DROPPINGS = {"thumbs.db", "desktop.ini"}


def is_hidden(name):
    """Returns whether a member (with `/` between folders) is passed over in silence."""
    parts = name.split("/")
    # Hidden files, and the doubles that macOS writes into zips.
    return parts[-1].lower() in _DROPPINGS or any(
        part.startswith(".") or part == "__MACOSX" for part in parts
    )


def is_image(name):
    """Returns whether a member's name (with `/` between folders) is an image's."""
    return not is_hidden(name) and suffix(name) in image_suffixes()


class Listing:
    """The members of a source, sorted by what their names say.

    Attributes:
        images: names with the suffix of an image.
        unknown: names that tell nothing; their first bytes will.
        others: `{(folder, suffix): count}` of files that are never opened.
    """

    def __init__(self):
        self.images, self.unknown = [], []
        self.others = collections.Counter()

    def add(self, name):
        """Adds a member's name. Returns whether it may be an image."""
        if is_hidden(name):
            return False
        ending = suffix(name)
        if ending in image_suffixes():
            self.images.append(name)
        elif is_other(ending):
            self.others[_folder(name), ending] += 1
            return False
        else:
            self.unknown.append(name)
        return True

    def select(self, split, source):
        """Selects the members of a split.

        Where there are images, they alone tell the splits (and any file below
        a folder that is named like a split), so that a `LICENSE` does not.

        Args:
            split: see `select_split`.
            source: the source's path, for messages.

        Returns:
            `(names, unknown, others, label)`: the sorted names of what may be
            images, the set of those that tell nothing, `{suffix: count}` of
            the rest, and what the images are (see `select_split`).

        Raises:
            ValueError: see `select_split`.
        """
        sure = self.images + [n for n in self.unknown if _below_a_split(n)]
        sure = sure if self.images else self.unknown
        names, label = select_split(sure, split, source)
        belongs = _scope(sure, names)
        more = set(self.unknown).difference(sure)
        names = sorted([*names, *(n for n in more if belongs(_folder(n)))])
        others = collections.Counter()
        for (folder, ending), count in self.others.items():
            if belongs(folder):
                others[ending] += count
        unknown = set(self.unknown).intersection(names)
        return names, unknown, dict(others), label


def _scope(names, selected):
    """Returns a function: whether the other files of a folder are selected.

    They are if all `names` below it, or below the nearest folder above it that
    has any, are among the `selected`.
    """
    counts = []
    for group in (names, selected):
        below = collections.Counter()
        for folder, count in collections.Counter(map(_folder, group)).items():
            below[folder] += count
            while folder:
                folder = _folder(folder)
                below[folder] += count
        counts.append(below)
    there, chosen = counts

    def belongs(folder):
        while folder and folder not in there:
            folder = _folder(folder)
        return there[folder] == chosen[folder]

    return belongs


def _folder(name):
    return name.rpartition("/")[0]


def _below_a_split(name):
    return any(map(names_a_split, _folder(name).split("/")))
