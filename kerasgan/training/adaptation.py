"""From the options of `kerasgan train` to the recipe of a run."""

import json
import os
import re
import unicodedata
from pathlib import Path

from kerasgan.data.image_size import check_image_size, size_in_words
from kerasgan.data.opened_source import is_tfds
from kerasgan.data.source_datasets import PREFIX
from kerasgan.data.source_tar import title as tar_title
from kerasgan.data.sources import open_source, source_name
from kerasgan.recipes import dotted_keys
from kerasgan.training.plan import Plan
from kerasgan.training.run_directory import Run
from kerasgan.zoo import catalogue
from kerasgan.zoo.records import read_training

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
        The `kerasgan.training.plan.Plan`, not checked yet.

    Raises:
        FileNotFoundError, ValueError: one line on what is wrong.
    """
    entry = base.entry
    asked = _asked(base.recipe, options, settings)
    recipe = base.recipe.override_all(asked)
    data, decided, own = recipe.data.source, {}, True
    # A run and a recipe file are of one's own already.
    published = entry is not None and not entry.is_run
    if published:
        entries = catalogue.entries()
        own, data = find_own(base, data, {*entries, entry})
        if not own:
            decided = {
                "name": run_name(base.recipe.name, data, entries),
                "summary": f"Trained by the recipe of {entry.name} on other images",
                **_OF_IMAGES,
            }
            labels = labels or base.recipe.data.classes is not None
        name = decided.get("name", base.recipe.name)
        if labels and not name.endswith("-conditional"):
            decided["name"] = _not_taken(f"{name}-conditional", entries)
    name = recipe.name
    if not _is_set("name", asked):
        name = decided.get("name", name)
    run = Run(_folder(output, resume, entry, name))
    begun = run.recipe if resume else None
    if begun is not None and published:
        decided = _decided(begun)
    decays, notes = _move_decays(
        recipe, base.recipe.training.steps, asked, run, begun
    )
    recipe = recipe.override_all(
        [
            (key, _as_yaml(value))
            for key, value in {**decided, **decays}.items()
            if not _is_set(key, asked)
        ]
    )
    notes.insert(
        0, _images(recipe.data, None if own else base.recipe.data.crop)
    )
    if resume and begun is None:
        notes.insert(
            1, f"there is no run in {run.folder} yet: a new one is started"
        )
    return Plan(recipe, data, run, labels, tuple(notes), resume)


def _asked(recipe, options, settings):
    """Returns the requested changes of a recipe: `(whole key, value)` each."""
    content = recipe.model_dump(mode="json")
    content["training"]["preset"] = None
    by_settings = []
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ValueError(
                f"Expected --set KEY=VALUE. Received: --set {text}"
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
                        f"--{option} and --set both set {key}: give only one of "
                        f"them. Received: --set {text}"
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


def _is_set(key, asked):
    """Returns whether the changes of a recipe set a key or a section above it."""
    return any(_within(key, other) for other, _ in asked)


def _folder(output, resume, entry, name):
    if output is not None:
        return Path(output)
    if resume and entry is not None and entry.is_run:
        return entry.folder
    return Path("runs") / name


def _move_decays(recipe, steps_before, asked, run, begun):
    """Lets a decay that ends with a training end with it, if that changes.

    Args:
        recipe: the `Recipe` with what was asked for.
        steps_before: of the training, before that.
        asked: as of `_asked`.
        run: the `Run`.
        begun: its `Recipe`, if it is resumed; otherwise None.

    Returns:
        `(values, notes)`: key -> value of a recipe, and lines.
    """
    steps = recipe.training.steps
    values, notes = {}, {}
    for network in OPTIMIZERS:
        key = f"training.{network}.decay.stop"
        decay = getattr(recipe.training, network).decay
        stop = getattr(decay, "stop", None)
        if stop is None or _is_set(key, asked):
            continue
        if stop == steps_before != steps:
            if steps > decay.start:
                stop = steps
                note = f"its decay ends with the last step, {steps:,}"
            else:
                note = (
                    f"constant, since its decay starts at step {decay.start:,}"
                )
        else:
            note = None
        former = begun and getattr(begun.training, network).decay
        former_stop = getattr(former, "stop", stop)
        if former_stop != stop and run.logged_steps > former.start:
            # Otherwise its steps so far would have had other rates.
            stop = former_stop
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


def _decided(begun):
    """Returns what was decided when a run began: key of its recipe -> value."""
    values = dict(dotted_keys.items(begun.model_dump(mode="json")))
    return {key: values[key] for key in ("name", "summary", *_OF_IMAGES)}


def _images(data, crop):
    """Returns what is done with the images.

    Args:
        data: the section of the recipe.
        crop: that of the entry, if it does not hold for them; otherwise None.
    """
    height, width, _ = data.image_shape
    cut = f"the middle {data.crop}x{data.crop} pixels"
    if data.crop is None:
        cut = "centred square" if height == width else "centred part"
        if crop is not None:
            cut += f" (--crop {crop} cuts as the recipe does)"
    flip = "not mirrored"
    if data.flip:
        flip = "mirrored at random (--no-flip for text or digits)"
    size = size_in_words(data.image_size)
    return f"images: {cut}, resized to {size}, {flip}"


def find_own(base, source, entries):
    """Finds out whether a source has the images that a recipe is for.

    They are the recipe's source, or what an entry of the same source was
    trained on: a file of the name, with as many images of the split, as the
    record of a training says. (Not their fingerprint: it is of the images as
    they were cut, which is the question, and of one version of a decoder.)

    Args:
        base: the `NamedRecipe` of an entry of the zoo or of the Hub.
        source: as of `kerasgan.data.prepare`.
        entries: every `Entry` of the zoo, and that of `base`.

    Returns:
        `(own, source)`, the latter open if that told it.

    Raises:
        FileNotFoundError, ValueError: as `kerasgan.data.sources.open_source`.
    """
    data = base.recipe.data
    if source == data.source or is_tfds(source):
        # `tfds:celeb_a` of any version.
        return source.split(":")[:2] == data.source.split(":")[:2], source
    name, counts = source_name(source), []
    text = json.dumps(name)[1:-1]
    for entry in entries:
        metrics = entry.folder / catalogue.METRICS
        # Most names stand in none, and reading a record takes longer.
        if not (entry.pretrained and metrics.exists()):
            continue
        if text not in metrics.read_text("utf-8"):
            continue
        recipe = base.recipe if entry == base.entry else entry.recipe()
        if recipe.data.source == data.source:
            record = read_training(entry.folder)
            if (record.data.source, record.data.split) == (name, data.split):
                counts.append(record.images)
    if counts:
        source = open_source(source, data.split)
    return bool(counts) and len(source) in counts, source


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
    if is_tfds(text):
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


def _not_taken(name, entries):
    taken = any(entry.name == name for entry in entries)
    return f"{name}-own" if taken else name
