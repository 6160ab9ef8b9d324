"""The members of a folder, a zip or a tar: which are images."""

import collections
import functools
import hashlib
import re

from kerasgan.data.formats import image_suffixes, is_other, suffix
from kerasgan.data.opened_source import OpenedSource
from kerasgan.data.splits import (
    names_a_split,
    select_classes,
    select_split,
)

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
    """The members of a source, sorted by their names.

    Attributes:
        images: names with the suffix of an image.
        unknown: names without a known suffix, whose first bytes decide.
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

        If there are images, they alone define the splits (and any file below
        a folder that is named like a split), so that a `LICENSE` does not.

        Args:
            split: see `select_split`.
            source: the source's path, for messages.

        Returns:
            `(names, unknown, others, label)`: the sorted names of what may be
            images, the set of those without a known suffix, `{suffix: count}`
            of the rest, and what the images are (see `select_split`).

        Raises:
            ValueError: see `select_split`.
        """
        sure = self._sure()
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

    def _sure(self):
        """Returns the names that define the splits."""
        if not self.images:
            return self.unknown
        return self.images + [n for n in self.unknown if _below_a_split(n)]


def add_members(entries, listing, kind, members):
    """Adds the members of an archive to a listing. Nothing is extracted.

    Args:
        entries: pairs `(name, member)`, the name as the archive has it; of what
            is no file `member` is a text that says so.
        listing: the `Listing`.
        kind: what the archive is called.
        members: dict, which gets name -> member of all that may be images.

    Returns:
        Pairs `(name, reason)` of images that cannot be used.
    """
    skipped = []
    for given, member in entries:
        name, leads_out = inner_name(given)
        if leads_out or isinstance(member, str):
            reason = (
                f"its name leads out of the {kind}" if leads_out else member
            )
            if is_image(name):
                skipped.append((given, reason))
        elif name in members:
            skipped.append((given, "there is another of its name"))
        elif listing.add(name):
            members[name] = member
    return skipped


def inner_name(given):
    """Returns a member's name with `/` between folders, and if it leads out."""
    # Some programs write `test\\0.png` or `./0.png`.
    name = given.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    outside = name.startswith("/") or re.match("[A-Za-z]:", name)
    plain = "/".join(part for part in parts if part != "..")
    return plain, bool(outside) or ".." in parts


class Members(OpenedSource):
    """The part of a folder, a zip and a tar that is about the names of members.

    Args:
        listing: the `Listing` of all of them.
        split, source: as of `Listing.select`.
    """

    CLASSES_ARE = "a sub-folder of images each"

    def __init__(self, listing, split, source):
        self.listing, self.asked = listing, split
        self.names, self.unknown, self.others, self.split = listing.select(
            split, source
        )

    def __len__(self):
        return len(self.names)

    def has_only_tars(self):
        """Returns whether no name is an image's, and some are those of tars."""
        tars = any(ending == ".tar" for _, ending in self.listing.others)
        return tars and not self.listing.images

    def listing_digest(self):
        """Returns the SHA-256 of the names."""
        names = "\0".join(self.names).encode("utf-8", "surrogateescape")
        return hashlib.sha256(names).hexdigest()

    @functools.cached_property
    def _class_of(self):
        listing = self.listing
        known = listing.images or listing.unknown
        classes, class_of = select_classes(known, self.asked)
        if known is not listing.unknown:
            # Most are no images, which makes no class of their folders.
            all_names = [*listing.images, *listing.unknown]
            class_of = select_classes(all_names, self.asked)[1] | class_of
        return classes, class_of

    def classes(self):
        """Returns the sorted names of the classes, see `select_classes`."""
        return self._class_of[0]

    def class_of(self, name, read=None):
        """Returns the class of a member, None if it is outside of all."""
        return self._class_of[1].get(name)

    def classes_of_members(self):
        """Returns name -> class of the members that are images by their names."""
        names = set(self.names).difference(self.unknown) or self.names
        return {name: self.class_of(name) for name in sorted(names)}


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
