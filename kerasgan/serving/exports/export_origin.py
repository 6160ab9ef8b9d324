"""The weights that a SavedModel was made of.

`assets.extra/made_of.txt` of an export says it: the version of kerasgan, and
the SHA-256 of the generator's weights and of the recipe.
"""

import re

from kerasgan._version import __version__
from kerasgan.serving.tf_serving.versions import EXTRA, versions
from kerasgan.utils.files import sha256
from kerasgan.zoo import catalogue
from kerasgan.zoo.pretrained import checksums

FILE = "made_of.txt"
_WEIGHTS = catalogue.WEIGHTS["generator"]


def describe(entry):
    """Returns the text for an entry or a run directory, whose weights are there."""
    weights = checksums(entry.folder).get(_WEIGHTS)
    lines = {
        _WEIGHTS: weights or sha256(entry.weights_file()),
        catalogue.RECIPE: sha256(entry.folder / catalogue.RECIPE),
    }
    files = "".join(f"{digest}  {file}\n" for file, digest in lines.items())
    return f"kerasgan {__version__}\n{files}"


def find(base, text):
    """Returns the newest version in a model's folder that has this text, or None."""
    for number in reversed(versions(base)):
        if _read(base / str(number)) == text:
            return number
    return None


def is_of(version, name):
    """Returns whether a SavedModel may hold the weights of an entry of the zoo.

    Args:
        version: its folder. If it does not say what it was made of, it is
            taken at its name.
        name: the entry.
    """
    text = _read(version)
    recorded = text and re.search(rf"(\w+)  {re.escape(_WEIGHTS)}", text)
    weights = checksums(catalogue.find(name).folder).get(_WEIGHTS)
    return not recorded or recorded[1] == weights


def _read(version):
    file = version / EXTRA / FILE
    return file.read_text(encoding="utf-8") if file.is_file() else None
