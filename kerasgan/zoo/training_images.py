"""The images that a generator was trained on, and those that it did not see."""

import dataclasses
import os
import warnings
from typing import Any

from kerasgan.data.hold_out_share import HELD_OUT
from kerasgan.data.sources import open_source, same_source, source_name
from kerasgan.recipes.build import prepare_images
from kerasgan.utils.typing import PathLike
from kerasgan.zoo.catalogue import find
from kerasgan.zoo.formatting import training_images
from kerasgan.zoo.records import find_training


@dataclasses.dataclass(frozen=True)
class TrainingImages:
    """What became of the search for the images of a training.

    Attributes:
        prepared: `kerasgan.data.PreparedImages`; None if they were not found.
        source: where they are; None if they were not found.
        missing: why they were not found, in words; None if they were.
    """

    prepared: Any = None
    source: Any = None
    missing: str | None = None


def find_training_images(recipe, record, sources, data_dir=None):
    """Looks for the images that a generator was trained on.

    They are known by the fingerprint that the training recorded. The recipe's
    own source is used if it is on this machine; nothing is downloaded.

    Args:
        recipe: the `Recipe` next to the weights.
        record: their `TrainingRecord`, or None.
        sources: where to look first.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.

    Returns:
        `TrainingImages`.
    """
    if record is None:
        return TrainingImages(missing="nothing says what it was trained on")
    if record.fingerprint is None:
        return TrainingImages(
            missing="the record of the training has no fingerprint of its images"
        )
    places = [*sources, recipe.data.source]
    searched = []
    for source in places:
        if source not in sources and not os.path.exists(
            os.path.expanduser(source)
        ):
            continue
        prepared = _try_to_prepare(recipe, source, data_dir)
        if prepared is None:
            continue
        if prepared.fingerprint.startswith(record.fingerprint):
            return TrainingImages(prepared, source)
        searched.append(source_name(source))
    others = " and ".join(dict.fromkeys(searched))
    return TrainingImages(
        missing=f"the {record.images:,} training images "
        f"({training_images(record.data)}) were not found"
        + (f": other images in {others}" if others else "")
        + "; --data with their source measures it"
    )


def find_source(recipe, record, data, data_dir=None):
    """Finds images to measure on, and whether they are the training's source.

    Args:
        recipe: a `Recipe`.
        record: the `TrainingRecord`, or None.
        data: a source; None for the recipe's.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.

    Returns:
        `(source, own)`, as of `kerasgan.recipes.build.prepare_images`.
    """
    if data is None or same_source(data, recipe.data.source):
        return recipe.data.source if data is None else data, True
    if recipe.data.hold_out is None:
        return data, False
    # The training's images may have moved, and those held out with them.
    training = find_training_images(recipe, record, [data], data_dir)
    return data, training.source == data


def check_unseen(recipe, record, source, own, unseen, data_dir=None):
    """Raises if images are those of the training.

    Args:
        recipe, record, source, own: as of `find_source`.
        unseen: `kerasgan.data.PreparedImages` of the source, of no split that
            a user named.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.

    Raises:
        ValueError: the training saw them.
    """
    seen = any(
        unseen.fingerprint.startswith(fingerprint)
        for fingerprint in (record.fingerprints if record else ())
    )
    # There may be others now than in the training, but some were in it.
    if own and unseen.split != HELD_OUT:
        trained = open_source(source, recipe.data.split, data_dir).split
        seen = seen or unseen.split == trained
    if seen:
        raise ValueError(
            f"{recipe.name} was trained on these images; this metric needs "
            "unseen ones: give others with --data, name their split with "
            f"--split, or train with --hold-out 5%. Received: data={source}, "
            "split=None"
        )


def prepare_unseen(
    name: Any,
    data: PathLike | None = None,
    split: str | None = None,
    data_dir: PathLike | None = None,
) -> Any:
    """Prepares images that the training of a generator did not see.

    Args:
        name: an entry of the zoo or a run directory.
        data: their source, as of `kerasgan.data.prepare`; None for the
            recipe's own.
        split: split of the source; None for the images that the training held
            out of its source, and otherwise as of `kerasgan.data.prepare`.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.

    Returns:
        `kerasgan.data.PreparedImages`.

    Raises:
        ValueError: as `kerasgan.data.prepare`, or `split` is None and the
            training saw them.
    """
    entry = find(name)
    recipe = entry.recipe()
    record = find_training(entry.folder)
    source, own = find_source(recipe, record, data, data_dir)
    unseen = prepare_images(recipe, source, split, data_dir, own)
    if split is None:
        check_unseen(recipe, record, source, own, unseen, data_dir)
    return unseen


def _try_to_prepare(recipe, source, data_dir):
    """Returns what the training would have seen of a source, or None."""
    try:
        with warnings.catch_warnings():
            # About images that may not be the training's.
            warnings.simplefilter("ignore")
            return prepare_images(
                recipe, source, recipe.data.split, data_dir, own=True
            )
    except (ValueError, OSError):
        return None
