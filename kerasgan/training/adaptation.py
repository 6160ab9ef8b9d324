"""From what `kerasgan train` was asked for to the recipe of a run."""

import dataclasses
import json
import os
import re
import unicodedata
from pathlib import Path
from typing import Any

from kerasgan.data.image_size import check_image_size, size_in_words
from kerasgan.data.source_datasets import PREFIX
from kerasgan.data.source_tar import title as tar_title
from kerasgan.data.sources import source_name
from kerasgan.recipes import dotted_keys
from kerasgan.recipes.recipe import Recipe
from kerasgan.training.run_directory import Run
from kerasgan.zoo import catalogue
from kerasgan.zoo.training_images import find_own

OPTIMIZERS = ("generator_optimizer", "discriminator_optimizer")
# Option of the command line -> the keys of a recipe that it sets.
OPTIONS = {
    "data": ("data.source",),
    "split": ("data.split",),
    "hold-out": ("data.hold_out",),
    "crop": ("data.crop",),
    "flip": ("data.flip",),
    "image-size": ("data.image_size", "architecture.image_shape"),
    "batch-size": ("training.batch_size",),
    "learning-rate": tuple(
        f"training.{network}.learning_rate" for network in OPTIMIZERS
    ),
    "steps": ("training.steps",),
    "precision": ("training.precision",),
}
# What an entry of the zoo or the Hub says of its images does not hold for others.
_OF_IMAGES = {
    "data.crop": None,
    "data.classes": None,
    "data.licence": "not stated",
    "data.citation": "not stated",
    "data.homepage": None,
    "licence": "not stated",
    "intended_use": "not stated",
    "limits": ["not stated"],
}


@dataclasses.dataclass(frozen=True)
class Adaptation:
    """What will be trained, and where.

    Attributes:
        recipe: the `Recipe` of the run.
        data: source of its images, opened already if that had to be.
        run: the `kerasgan.training.run_directory.Run`.
        notes: lines that say what was decided.
        labels: whether its classes are those of the images.
    """

    recipe: Recipe
    data: Any
    run: Run
    notes: tuple
    labels: bool = False


def adapt(base, options, settings=(), output=None, resume=False, labels=False):
    """Adapt a recipe to what was asked for. Keras is not imported for it.

    The recipe of an entry on other images than its own gets a name after them,
    and uses the largest centred square of each, unless a crop is asked for. A
    decay that ends with the training ends with it, too, if `steps` are others.
    A run that is resumed keeps what was decided so when it began. That of a
    conditional entry on other images has the classes of these, and the name of
    one that becomes conditional ends in `-conditional`.

    Args:
        base: the `kerasgan.zoo.catalogue.NamedRecipe`.
        options: name in `OPTIONS` -> value, None if it was not given.
        settings: texts `KEY=VALUE`, applied before `options`.
        output: folder of the run; None for `runs/NAME`, or for the run directory
            that is resumed.
        resume: whether a run in `output` is resumed.
        labels: whether to train a conditional GAN, by the classes of the images.

    Returns:
        The `Adaptation`.

    Raises:
        FileNotFoundError, ValueError: one line on what is wrong.
    """
    usual, entry = base.recipe, base.entry
    asked = _asked(usual, options, settings)
    touched = [key for key, _ in asked]
    recipe = usual.override_all(asked)
    data, values, of_others = recipe.data.source, {}, None
    published = entry is not None and not entry.is_run
    if published:
        entries = catalogue.entries()
        own, data = find_own(base, data, {*entries, entry})
        if not own:
            of_others = usual.data
            values = _of_other_images(usual.name, entry.name, data, entries)
            labels = labels or of_others.classes is not None
        if labels:
            name = values.get("name", usual.name)
            values["name"] = conditional_name(name, entries)
    name = recipe.name if "name" in touched else values.get("name", recipe.name)
    run = Run(_folder(output, resume, entry, name))
    before = run.recipe if resume else None
    if before is not None and published:
        values = _of_run(before)
    decays, notes = _move_decays(recipe, usual, touched, run, before)
    recipe = recipe.override_all(
        [
            (key, _as_yaml(value))
            for key, value in {**values, **decays}.items()
            if not any(_within(key, other) for other in touched)
        ]
    )
    notes.insert(0, _images(recipe.data, of_others))
    if resume and before is None:
        notes.insert(
            1, f"there is no run in {run.folder} yet: a new one is started"
        )
    return Adaptation(recipe, data, run, tuple(notes), labels)


def _asked(recipe, options, settings):
    """Returns the requested changes of a recipe: `(whole key, value)` each."""
    content = recipe.model_dump(mode="json")
    content["training"]["preset"] = None
    by_settings = []
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ValueError(
                f"expected --set KEY=VALUE. Received: --set {text}"
            )
        by_settings.append((dotted_keys.resolve(content, key), value))
    by_options = []
    for option, value in options.items():
        if value is None:
            continue
        for key in OPTIONS[option]:
            for text, (other, _) in zip(settings, by_settings):
                if _within(key, other):
                    raise ValueError(
                        f"--{option} and --set both say what "
                        f"{key} is: give one of them. Received: --set {text}"
                    )
            by_options.append((key, _value(key, value)))
    return by_settings + by_options


def _value(key, value):
    if key == "architecture.image_shape":
        return [*check_image_size(value)]
    if key == "data.crop" and str(value).lower() in ("none", "null"):
        return None
    return _as_yaml(value)


def _as_yaml(value):
    """Quotes a text for YAML, where the folder `2024_05` would be a number."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value


def _within(key, other):
    return key == other or key.startswith(f"{other}.")


def _folder(output, resume, entry, name):
    if output is not None:
        return Path(output)
    if resume and entry is not None and entry.is_run:
        return entry.folder
    return Path("runs") / name


def _move_decays(recipe, usual, touched, run, before):
    """Lets a decay that ends with a training end with it, if that changes.

    Returns:
        `(values, notes)`: key -> value of a recipe, and lines.
    """
    steps = recipe.training.steps
    values, notes = {}, {}
    for network in OPTIMIZERS:
        key = f"training.{network}.decay.stop"
        decay = getattr(recipe.training, network).decay
        stop = getattr(decay, "stop", None)
        if stop is None or any(_within(key, other) for other in touched):
            continue
        if stop == usual.training.steps != steps:
            if steps > decay.start:
                stop = steps
                note = f"its decay ends with the last step, {steps:,}"
            else:
                note = (
                    f"constant, since its decay starts at step {decay.start:,}"
                )
        else:
            note = None
        began = before and getattr(before.training, network).decay
        begun = getattr(began, "stop", stop)
        if begun != stop and run.logged_steps > began.start:
            # Otherwise its steps so far would have had other rates.
            stop = begun
            note = (
                f"its decay ends at step {stop:,}, as when the run was "
                f"started; use --from {run.folder} --output ANOTHER for a "
                "fresh one"
            )
        if stop != decay.stop:
            values[key] = stop
        if note:
            notes.setdefault(note, []).append(network)
    lines = []
    for note, networks in notes.items():
        both = len(networks) == len(OPTIMIZERS)
        whose = "" if both else f" of {networks[0]}"
        lines.append(f"learning rate{whose}: {note}")
    return values, lines


def _of_run(before):
    """Returns what was decided when a run began: key -> value."""
    content = before.model_dump(mode="json")
    kept = {key: dotted_keys.value_of(content, key) for key in _OF_IMAGES}
    return {"name": before.name, "summary": before.summary, **kept}


def _of_other_images(name, origin, source, entries):
    """Returns what the recipe of an entry says on others: key -> value."""
    return {
        "name": run_name(name, source, entries),
        "summary": f"Trained by the recipe of {origin} on other images",
        **_OF_IMAGES,
    }


def _images(data, usual):
    """Returns what is done with the images.

    Args:
        data: the section of the recipe.
        usual: that of the entry, if its crop does not hold for them.
    """
    height, width, _ = data.image_shape
    cut = f"the middle {data.crop}x{data.crop} pixels"
    if data.crop is None:
        cut = "centred square" if height == width else "centred part"
        if usual is not None and usual.crop is not None:
            cut += f" (--crop {usual.crop} cuts as the recipe does)"
    flip = "not mirrored"
    if data.flip:
        flip = "mirrored at random (--no-flip for text or digits)"
    size = size_in_words(data.image_size)
    return f"images: {cut}, resized to {size}, {flip}"


def run_name(entry, source, entries):
    """Returns what the training of an entry's recipe on other images is called.

    `<architecture>-<normalization>-<source>`, the first two as in the entry's
    name: `dcgan-wn-photos` of `dcgan-wn-celeba` and `My/Photos.zip`. It is no
    entry's name.

    Args:
        entry: name of an entry of the zoo.
        source: as of `kerasgan.data.prepare`.
        entries: every `Entry` of the zoo.
    """
    text = os.fspath(source)
    if text.startswith("tfds:"):
        title = ":".join(text.split(":")[1:2])
    else:
        # "." and "~" have names, too.
        path = os.path.expanduser(text.removeprefix(PREFIX))
        name = source_name(os.path.realpath(path))
        title = re.sub(r"\.(zip|np[yz]|parquet)$", "", name, flags=re.I)
        title = tar_title(title)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore")
    slug = re.sub("[^a-z0-9]+", "-", plain.decode().lower()).strip("-")
    parts = [*entry.split("-")[:2], slug or "images"]
    return _not_taken("-".join(parts), entries)


def conditional_name(name, entries):
    """Returns what the training of a conditional GAN is called.

    Args:
        name: what it would be called otherwise.
        entries: every `Entry` of the zoo.
    """
    if name.endswith("-conditional"):
        return name
    return _not_taken(f"{name}-conditional", entries)


def _not_taken(name, entries):
    taken = any(entry.name == name for entry in entries)
    return f"{name}-own" if taken else name
