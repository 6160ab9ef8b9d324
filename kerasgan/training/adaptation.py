"""From what `kerasgan train` was asked for to the recipe of a run."""

import dataclasses
import json
from pathlib import Path

from kerasgan.data.image_size import check_image_size, size_in_words
from kerasgan.recipes import dotted_keys
from kerasgan.recipes.recipe import Recipe
from kerasgan.training.entry_source import are_own, conditional_name, run_name
from kerasgan.training.run_directory import finished_steps
from kerasgan.zoo import catalogue

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
# What an entry of the zoo says of its images does not hold for others.
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
        output: `pathlib.Path` of its folder.
        notes: lines that say what was decided.
        labels: whether its classes are those of the images.
    """

    recipe: Recipe
    output: Path
    notes: tuple
    labels: bool = False


def adapt(name, options, settings=(), output=None, resume=False, labels=False):
    """Adapt a recipe to what was asked for. Keras is not imported for it.

    The recipe of an entry on other images than its own gets a name after them,
    and uses the largest centred square of each, unless a crop is asked for. A
    decay that ends with the training ends with it, too, if `steps` are others.
    A run that is resumed keeps what was decided so when it began. That of a
    conditional entry on other images has the classes of these, and the name of
    one that becomes conditional ends in `-conditional`.

    Args:
        name: the entry of the zoo, run directory or recipe file, or a `Recipe`.
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
    entry = None
    if isinstance(name, Recipe):
        recipe = name
    elif str(name).endswith((".yaml", ".yml")):
        recipe = Recipe.load(name)
    else:
        entry = catalogue.find(name)
        recipe = entry.recipe()
    shipped = entry is not None and entry.shipped
    asked = _asked(recipe, options, settings)
    touched = [key for key, _ in asked]
    adapted, other = {}, False
    if shipped:
        source = recipe.override_all(asked).data.source
        other = source != recipe.data.source and not are_own(recipe, source)
        if other:
            adapted = {
                "name": run_name(name, source),
                "summary": f"Trained by the recipe of {name} on other images",
                **_OF_IMAGES,
            }
            labels = labels or recipe.data.classes is not None
        if labels:
            adapted["name"] = conditional_name(adapted.get("name", recipe.name))
    changed = recipe.override_all([*adapted.items(), *asked])
    output = _output(entry, changed, output, resume)
    before = None
    if resume and (output / catalogue.RECIPE).exists():
        before = Recipe.load(output / catalogue.RECIPE)
    notes = []
    if resume and before is None:
        notes.append(f"there is no run in {output} yet: a new one is started")
    changed, lines = _move_decays(recipe, changed, touched, output, before)
    notes += lines
    if before is not None and shipped:
        changed = _keep(changed, before, touched)
    notes.insert(0, _images(changed.data, recipe.data if other else None))
    return Adaptation(changed, output, tuple(notes), labels)


def _asked(recipe, options, settings):
    """The changes of a recipe that were asked for: `(whole key, value)` each."""
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
    """A text as one in YAML, where the folder `2024_05` would be a number."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return value


def _within(key, other):
    return key == other or key.startswith(f"{other}.")


def _output(entry, recipe, output, resume):
    if output is not None:
        return Path(output)
    if resume and entry is not None and not entry.shipped:
        return entry.folder
    return Path("runs") / recipe.name


def _move_decays(recipe, changed, touched, output, before):
    """Let a decay that ends with a training end with it, if that changes.

    Returns:
        `(Recipe, notes)`.
    """
    steps, usual = changed.training.steps, recipe.training.steps
    pairs, notes = [], {}
    for network in OPTIMIZERS:
        key = f"training.{network}.decay.stop"
        decay = getattr(changed.training, network).decay
        stop = getattr(decay, "stop", None)
        if stop is None or any(_within(key, other) for other in touched):
            continue
        if stop == usual != steps:
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
        if begun != stop and finished_steps(output) > began.start:
            # Otherwise its steps so far would have had other rates.
            stop = begun
            note = (
                f"its decay ends at step {stop:,}, as when the run was "
                f"started; use --from {output} --output ANOTHER for a fresh one"
            )
        if stop != decay.stop:
            pairs.append((key, stop))
        if note:
            notes.setdefault(note, []).append(network)
    lines = []
    for note, networks in notes.items():
        both = len(networks) == len(OPTIMIZERS)
        whose = "" if both else f" of {networks[0]}"
        lines.append(f"learning rate{whose}: {note}")
    return changed.override_all(pairs) if pairs else changed, lines


def _keep(recipe, before, touched):
    """Returns a recipe with what was decided when the run began."""
    content = before.model_dump(mode="json")
    values = {"name": before.name, "summary": before.summary}
    values |= {key: dotted_keys.value_of(content, key) for key in _OF_IMAGES}
    return recipe.override_all(
        [
            (key, _as_yaml(value))
            for key, value in values.items()
            if not any(_within(key, other) for other in touched)
        ]
    )


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
