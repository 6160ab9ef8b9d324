"""Whether images are those that an entry of the zoo is for."""

import json
import os
import re
import unicodedata

from kerasgan.data.sources import open_source, source_name
from kerasgan.zoo.catalogue import METRICS, find, names
from kerasgan.zoo.records import read_training


def are_own(recipe, source):
    """Returns whether a source has the images that an entry's recipe is for.

    They are the recipe's source, or what an entry of the same source was
    trained on: a file of the name, with as many images of the split, as the
    record of a training says. (Not their fingerprint: it is of the images as
    they were cut, which is the question, and of one version of a decoder.)

    Args:
        recipe: the `Recipe` of an entry of the zoo.
        source: as of `kerasgan.data.prepare`.

    Raises:
        FileNotFoundError, ValueError: as `kerasgan.data.sources.open_source`.
    """
    if source.startswith("tfds:"):
        return _without_version(source) == _without_version(recipe.data.source)
    return any(
        record.images == len(open_source(source, recipe.data.split))
        for record in _trainings_on(recipe, source_name(source))
    )


def _trainings_on(recipe, name):
    """Records of trainings on a file of that name, of the recipe's source."""
    text = json.dumps(name)[1:-1]
    for entry in map(find, names(pretrained=True)):
        metrics = entry.folder / METRICS
        # Most names stand in none, and reading a record takes longer.
        if not metrics.exists() or text not in metrics.read_text("utf-8"):
            continue
        if entry.recipe().data.source == recipe.data.source:
            record = read_training(entry.folder)
            data = record.data
            if (data.source, data.split) == (name, recipe.data.split):
                yield record


def run_name(entry, source):
    """Returns what the training of an entry's recipe on other images is called.

    `<architecture>-<normalization>-<source>`, the first two as in the entry's
    name: `dcgan-wn-photos` of `dcgan-wn-celeba` and `My/Photos.zip`. It is no
    entry's name.

    Args:
        entry: name of an entry of the zoo.
        source: as of `kerasgan.data.prepare`.
    """
    if source.startswith("tfds:"):
        title = _without_version(source).removeprefix("tfds:")
    else:
        # "." and "~" have names, too.
        path = os.path.realpath(os.path.expanduser(source))
        title = re.sub(r"\.zip$", "", source_name(path), flags=re.IGNORECASE)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore")
    slug = re.sub("[^a-z0-9]+", "-", plain.decode().lower()).strip("-")
    parts = [*entry.split("-")[:2], slug or "images"]
    name = "-".join(parts)
    return f"{name}-own" if name in names() else name


def conditional_name(name):
    """Returns what the training of a conditional GAN is called.

    Args:
        name: what it would be called otherwise.
    """
    if name.endswith("-conditional"):
        return name
    name = f"{name}-conditional"
    return f"{name}-own" if name in names() else name


def _without_version(source):
    """Returns `tfds:celeb_a` of `tfds:celeb_a:2.1.0`."""
    return ":".join(source.split(":")[:2])
