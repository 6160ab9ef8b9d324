"""A training, checked before Keras is imported."""

import dataclasses
import math
import os
from pathlib import Path
from typing import Any

from kerasgan.data.labels import labelling
from kerasgan.data.sources import open_source
from kerasgan.recipes.build import check_batch
from kerasgan.recipes.recipe import Recipe
from kerasgan.training.diagnostics import EVERY, Diagnostics
from kerasgan.training.initial_weights import find_parent
from kerasgan.training.run_directory import (
    CHECKPOINT,
    check_run,
    nothing_to_do,
)
from kerasgan.utils.classes import short_list
from kerasgan.utils.locks import LOCK, FolderLock, check_unlocked
from kerasgan.zoo.catalogue import RECIPE, Entry, find
from kerasgan.zoo.records import Parent
from kerasgan.zoo.training_images import warn_of_seen


@dataclasses.dataclass(frozen=True)
class Plan:
    """A training that was checked, as `plan_training` makes it.

    Attributes:
        recipe: the `Recipe`, with the rule that chooses the best networks.
        data: source of the images, as of `kerasgan.data.load`.
        output: `pathlib.Path` of the run directory.
        continues: whether the run has a checkpoint, from which it is resumed.
        done: its steps, if these are all that are asked for; otherwise None.
        initial: the `Entry` whose weights it is fine-tuned from, or None.
        parent: the `Parent` that it was or will be fine-tuned from, or None.
        diagnostics: `kerasgan.training.diagnostics.Diagnostics`.
        measure_every: steps between two measurements.
        log_every, sample_every, checkpoint_every, data_dir, command: as of
            `kerasgan.training.trainer.train`.
    """

    recipe: Recipe
    data: Any
    output: Path
    continues: bool
    done: int | None
    initial: Entry | None
    parent: Parent | None
    diagnostics: Diagnostics
    measure_every: int
    log_every: int
    sample_every: int
    checkpoint_every: int
    data_dir: Any
    command: str | None


def plan_training(
    recipe,
    data,
    output,
    *,
    resume=False,
    initial=None,
    command=None,
    data_dir=None,
    log_every=100,
    sample_every=1000,
    checkpoint_every=1000,
    diagnostics=None,
    labels=False,
):
    """Checks a training; Keras is not imported for it.

    Args:
        All as of `kerasgan.training.trainer.train`.

    Returns:
        The `Plan`.

    Raises:
        FileExistsError, FileNotFoundError, BlockingIOError, ValueError: as
            `train`.
    """
    output = Path(output)
    recipe = _with_classes(recipe, data, output, labels, resume, data_dir)
    recipe, diagnostics, log_every = _with_rule(
        recipe, diagnostics or Diagnostics(), log_every
    )
    check_unlocked(output)
    check_run(output, recipe, resume)
    continues = (output / CHECKPOINT).exists()
    entry = None if initial is None else find(initial)
    parent = find_parent(output, recipe, entry, continues)
    done = nothing_to_do(output, recipe.training.steps)
    measure_every = 0
    if done is not None and (output / LOCK).exists():
        # One that was killed when all was done: what it left is removed.
        with FolderLock(output):
            pass
    if done is None:
        measure_every = diagnostics.interval(log_every, recipe.training.steps)
        _check_images(recipe, data, diagnostics)
        if entry is not None:
            warn_of_seen(recipe, data, entry)
    return Plan(
        recipe=recipe,
        data=data,
        output=output,
        continues=continues,
        done=done,
        initial=entry,
        parent=parent,
        diagnostics=diagnostics,
        measure_every=measure_every,
        log_every=log_every,
        sample_every=sample_every,
        checkpoint_every=checkpoint_every,
        data_dir=data_dir,
        command=command,
    )


def _with_classes(recipe, data, output, labels, resume, data_dir):
    """Returns the recipe with the classes of its run, or of the images."""
    names = None
    if resume and (output / RECIPE).exists():
        names = Recipe.load(output / RECIPE).data.classes
    if labels:
        names = names or _classes(data, recipe.data.split, data_dir)
    elif recipe.data.classes is not None:
        return recipe
    return recipe if names is None else recipe.override("data.classes", names)


def _with_rule(recipe, diagnostics, log_every):
    """The rule for the best networks in both, of the command or the recipe.

    Returns:
        `(recipe, diagnostics, log_every)`.
    """
    rule, asked = recipe.training.best, diagnostics.best
    if rule is None and asked is None:
        return recipe, diagnostics, log_every
    values = {} if asked not in (None, rule and rule.name) else dict(rule or {})
    for key, value in (
        ("name", asked),
        ("every", diagnostics.every),
        ("count", diagnostics.count),
    ):
        if value is not None:
            values[key] = value
    every = values.get("every")
    if asked is None and (every or EVERY) > recipe.training.steps:
        # The recipe's rule is for its own, longer training.
        return recipe, diagnostics, log_every
    if every is not None and diagnostics.every is None:
        # It measures where the log has a line.
        log_every = math.gcd(log_every, every)
    diagnostics = dataclasses.replace(
        diagnostics, best=values["name"], every=every, count=values.get("count")
    )
    return recipe.override("training.best", values), diagnostics, log_every


def _check_images(recipe, data, diagnostics):
    """Rejects sources without images, and too few of them; not of TFDS."""
    if not os.fspath(data).startswith("tfds:"):
        opened = open_source(data, recipe.data.split)
        check_batch(recipe.training, len(opened))
        _check_classes(recipe, data)
    unseen = diagnostics.data
    if unseen is not None and not os.fspath(unseen).startswith("tfds:"):
        try:
            open_source(unseen, diagnostics.split)
        except ValueError as error:
            text = str(error).replace("--split", "--measure-split")
            raise ValueError(text) from error


def _check_classes(recipe, data):
    """Rejects images of other classes than those of a recipe."""
    ours = recipe.data.classes
    if ours is None:
        return
    found = _classes(data, recipe.data.split)
    if found != ours:
        raise ValueError(
            f"expected images of the classes of {recipe.name}, "
            f"{short_list(ours)}, but the classes are {short_list(found)}: a "
            "new run with --labels takes those of the images. "
            f"Received: data={data}"
        )


def _classes(data, split, data_dir=None):
    return labelling(open_source(data, split, data_dir), data)[0]
