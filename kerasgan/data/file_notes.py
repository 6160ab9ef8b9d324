"""Notes about the files of a source: a line for each kind."""

import collections

from kerasgan.data.formats import hint, suffix

# Names in a line; all skipped ones are in `PreparedImages.skipped`.
NAMED = 3
# Suffixes in a line.
SUFFIXES = 5

# Kinds of notes about an image that was used: for one image, for several.
FRAMES = (
    "has several frames or pages, of which the first was used",
    "have several frames or pages, of which the first was used",
)
PROFILE = (
    "has a colour profile that does not fit, which was ignored",
    "have colour profiles that do not fit, which were ignored",
)


def enlarged(height, width):
    """Returns the kind of note about images that are enlarged."""
    return (
        f"is smaller than {height}x{width} and was enlarged",
        f"are smaller than {height}x{width} and were enlarged",
    )


def few_bits(bits):
    """Returns the kind of note about 16-bit images that use only some of them."""
    values = f"more than 8 bits, but only values below {1 << bits}"
    return (
        f"has {values}, and was read as {bits}-bit",
        f"have {values}, and were read as {bits}-bit",
    )


class Tally:
    """Collects what becomes of each file, in the order of the source."""

    def __init__(self):
        self.names, self.skipped, self.reasons = [], [], []
        self.ignored = collections.Counter()
        self._notes = {}
        self._indices = {}
        self._copies = []

    def use(self, name, image, notes):
        """Counts an image that was prepared: uint8 array, kinds of notes."""
        index = len(self.names)
        # 64 bits tell any number of images that fits on a disk apart.
        first = self._indices.setdefault(hash(image.tobytes()), index)
        if first != index:
            self._copies.append((name, self.names[first]))
        self.names.append(name)
        for note in notes:
            self._notes.setdefault(note, []).append(name)

    def skip(self, name, reason):
        """Counts an image that could not be used."""
        self.skipped.append(name)
        self.reasons.append(reason)

    def ignore(self, name):
        """Counts a file that turned out to be no image."""
        self.ignored[suffix(name)] += 1

    def record(self):
        """Returns all of it, JSON-serializable."""
        return {
            "names": self.names,
            "skipped": self.skipped,
            "reasons": self.reasons,
            "ignored": dict(self.ignored),
            "copies": [len(self._copies), *self._copies[:1]],
            "notes": [
                [singular, plural, len(names), names[0]]
                for (singular, plural), names in self._notes.items()
            ],
        }


def lines(record, others, source):
    """Returns a line for each kind of note.

    Args:
        record: a dict with all that `Tally.record` returned.
        others: `{suffix: count}` of files that were never opened.
        source: what the source is called.
    """
    used, skipped = len(record["names"]), record["skipped"]
    notes = []
    if skipped:
        named = [
            f"{_printable(name)} ({reason})"
            for name, reason in zip(skipped[:NAMED], record["reasons"])
        ]
        if len(skipped) > NAMED:
            named.append(f"and {len(skipped) - NAMED} more")
        notes.append(
            f"Skipped {len(skipped)} of {used + len(skipped)} images of "
            f"{source}: {', '.join(named)}"
        )
    ignored = collections.Counter(others)
    ignored.update(record["ignored"])
    if ignored:
        count = sum(ignored.values())
        word = "file" if count == 1 else "files"
        notes.append(f"Ignored {count} {word} of {source}: {suffixes(ignored)}")
    copies, *example = record["copies"]
    if copies:
        name, first = map(_printable, example[0])
        what = "is a copy of another" if copies == 1 else "are copies of others"
        notes.append(
            f"{copies} of {used} images of {source} {what}, such as {name} of "
            f"{first}"
        )
    for singular, plural, count, name in record["notes"]:
        notes.append(
            f"{count} of {used} images of {source} "
            f"{singular if count == 1 else plural}, such as {_printable(name)}"
        )
    return notes


def suffixes(counts):
    """Returns `"10 .heic (pip install pillow-heif), 2 .txt"`.

    Args:
        counts: `{suffix: count}`.
    """
    # First those about which something can be done.
    ordered = sorted(
        counts, key=lambda ending: (not hint(ending), -counts[ending], ending)
    )
    named = [
        f"{counts[ending]} {ending or 'without a suffix'}"
        + (f" ({hint(ending)})" if hint(ending) else "")
        for ending in ordered[:SUFFIXES]
    ]
    more = sum(counts[ending] for ending in ordered[SUFFIXES:])
    return ", ".join([*named, f"{more} more"] if more else named)


def _printable(name):
    return name if name.isprintable() else ascii(name)
