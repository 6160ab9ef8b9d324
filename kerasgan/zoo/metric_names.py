"""Which numbers of `metrics.json` are shown, and their names and units."""

# Ends the name of a number of real images instead of samples.
REAL = "_real"
_ABBREVIATIONS = ("fid", "kid", "swd")
# Numbers that people read times this, since they are small.
_FACTORS = {"kid": 1000, "kid768": 1000}
# What a short view shows: name -> split of its images (None: any).
HEADLINE = {
    "reconstruction_error": None,
    "fid768": "train",
    "kid768": "train",
    "precision768": "train",
    "recall768": "train",
    "class_accuracy768": None,
}
# What the table of all entries shows: name, split.
OVERVIEW = (
    ("reconstruction_error", None),
    ("reconstruction_error_final", None),
    ("fid768", "train"),
    ("fid768", "test"),
    ("kid768", "test"),
    ("precision768", "train"),
    ("recall768", "train"),
    ("density768", "train"),
    ("coverage768", "train"),
    ("class_accuracy768", None),
    ("swd", "train"),
    ("sample_diversity", "train"),
)


def label(name, raw=False):
    """Returns what people call a number, such as `"KID-768 x 1000"`.

    Args:
        name: that of a `Measurement`.
        raw: whether its value is shown as it is, not that of `scaled`.
    """
    if name.endswith(REAL):
        return f"{label(name.removesuffix(REAL), raw)}, real images"
    base = name.removesuffix("768")
    words = base.upper() if base in _ABBREVIATIONS else base.replace("_", " ")
    words = words.replace(" final", ", final")
    if base != name:
        words += "-768"
    return words if raw else words + _times(name)


def name_in_words(name):
    """Returns the name of a number that is `scaled`, such as `"kid768 x 1000"`."""
    return name.replace("_", " ") + _times(name)


def scaled(item):
    """Returns a `Measurement` in the unit in which people read it.

    `metrics.json` has the number itself; `label` and `name_in_words` tell the
    unit.
    """
    factor = _factor(item.name)
    if factor == 1:
        return item
    classes = {
        name: {k: v * factor if k == "value" else v for k, v in row.items()}
        for name, row in item.classes.items()
    }
    spread = {key: value * factor for key, value in item.spread.items()}
    return item.model_copy(
        update={
            "value": item.value * factor,
            "spread": spread,
            "classes": classes,
        }
    )


def _times(name):
    factor = _factor(name)
    return "" if factor == 1 else f" x {factor}"


def _factor(name):
    return _FACTORS.get(name.removesuffix(REAL), 1)
