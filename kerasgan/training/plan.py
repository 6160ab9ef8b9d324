"""A training, checked before Keras is imported."""

import dataclasses
import math
import os
from typing import Any

from kerasgan.callbacks.wandb_account import check_wandb
from kerasgan.data.labels import labelling
from kerasgan.data.sources import open_source
from kerasgan.recipes.build import check_batch
from kerasgan.recipes.recipe import Recipe
from kerasgan.training.diagnostics import EVERY, Diagnostics
from kerasgan.training.distribution import check_distribution
from kerasgan.training.initial_weights import find_parent
from kerasgan.training.run_directory import Run, check_run, nothing_to_do
from kerasgan.utils.classes import short_list
from kerasgan.utils.locks import LOCK, FolderLock, check_unlocked
from kerasgan.zoo.catalogue import NamedRecipe, find
from kerasgan.zoo.records import Parent


@dataclasses.dataclass(frozen=True)
class Plan:
    """A training that was checked, as `plan_training` makes it.

    Attributes:
        recipe: the `Recipe`, with the rule that chooses the best networks.
        data: source of the images, as of `kerasgan.data.load`; opened already
            if it could be without TensorFlow.
        run: the `kerasgan.training.run_directory.Run`.
        continues: whether the run has a checkpoint, from which it is resumed.
        done: its steps, if these are all that are asked for; otherwise None.
        initial: the `NamedRecipe` whose weights it is fine-tuned from, or None.
        parent: the `Parent` that it was or will be fine-tuned from, or None.
        diagnostics: `kerasgan.training.diagnostics.Diagnostics`.
        measure_every: steps between two measurements.
        notes: lines about what was asked for and does nothing.
        log_every, sample_every, checkpoint_every, data_dir, command,
            distribute: as of `kerasgan.training.trainer.train`.
    """

    recipe: Recipe
    data: Any
    run: Run
    continues: bool
    done: int | None
    initial: NamedRecipe | None
    parent: Parent | None
    diagnostics: Diagnostics
    measure_every: int
    notes: tuple
    log_every: int
    sample_every: int
    checkpoint_every: int
    data_dir: Any
    command: str | None
    distribute: str | None

    @property
    def output(self):
        """`pathlib.Path` of the run directory."""
        return self.run.folder


def plan_training(
    recipe,
    data,
    run,
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
    distribute=None,
):
    """Checks a training; Keras is not imported for it.

    Args:
        run: the `kerasgan.training.run_directory.Run`.
        recipe, data, ...: as of `kerasgan.training.trainer.train`.

    Returns:
        The `Plan`.

    Raises:
        FileExistsError, FileNotFoundError, BlockingIOError, ValueError: as
            `train`.
    """
    check_distribution(distribute)
    steps, measure_every, notes = recipe.training.steps, 0, ()
    best, diagnostics, log_every = _choose_rule(
        recipe.training, diagnostics or Diagnostics(), log_every
    )
    if distribute is None:
        # Of several workers the chief alone locks it, when it trains.
        check_unlocked(run.folder)
    done, names = None, None if labels else recipe.data.classes
    if resume and run.recipe is not None:
        done = nothing_to_do(run, steps)
        names = names or run.recipe.data.classes
    if done is not None and (run.folder / LOCK).exists():
        # One that was killed when all was done: what it left is removed.
        with FolderLock(run.folder):
            pass
    if done is None:
        measure_every = diagnostics.interval(log_every, steps)
        notes = tuple(diagnostics.idle(steps))
        data, names = _open(recipe, data, names, labels, data_dir)
        diagnostics = _with_unseen(diagnostics)
        if distribute is None and "wandb" in diagnostics.trackers:
            # Of several workers the chief alone has an account.
            check_wandb()
    recipe = recipe.override_all(
        [("training.best", best), ("data.classes", names)]
    )
    check_run(run, recipe, resume)
    if initial is not None:
        entry = find(initial)
        initial = NamedRecipe(entry.recipe(), entry)
    return Plan(
        recipe=recipe,
        data=data,
        run=run,
        continues=run.resumable,
        done=done,
        initial=initial,
        parent=find_parent(run, recipe, data, initial),
        diagnostics=diagnostics,
        measure_every=measure_every,
        notes=notes,
        log_every=log_every,
        sample_every=sample_every,
        checkpoint_every=checkpoint_every,
        data_dir=data_dir,
        command=command,
        distribute=distribute,
    )


def _choose_rule(training, diagnostics, log_every):
    """Chooses the rule for the best networks, of the command or the recipe.

    Returns:
        `(rule, diagnostics, log_every)`, the former for the recipe.
    """
    rule, asked = training.best, diagnostics.best
    rule = None if rule is None else rule.model_dump()
    if rule is None and asked is None:
        return rule, diagnostics, log_every
    kept = rule is not None and asked in (None, rule["name"])
    values = {**rule} if kept else {}
    for key, value in (
        ("name", asked),
        ("every", diagnostics.every),
        ("count", diagnostics.count),
    ):
        if value is not None:
            values[key] = value
    every = values.get("every")
    if asked is None and (every or EVERY) > training.steps:
        # The recipe's rule is for its own, longer training.
        return rule, diagnostics, log_every
    if every is not None and diagnostics.every is None:
        # It measures where the log has a line.
        log_every = math.gcd(log_every, every)
    diagnostics = dataclasses.replace(
        diagnostics, best=values["name"], every=every, count=values.get("count")
    )
    return values, diagnostics, log_every


def _open(recipe, data, names, labels, data_dir):
    """Opens the images and checks them; of TFDS only for their classes.

    Args:
        names: the classes that they must have, or None.
        labels: whether to take the classes of the images without `names`.

    Returns:
        `(data, names)`.
    """
    named = names is not None
    if os.fspath(data).startswith("tfds:") and (named or not labels):
        return data, names
    data = open_source(data, recipe.data.split, data_dir)
    check_batch(recipe.training, len(data))
    if not named and not labels:
        return data, None
    found, _ = labelling(data)
    if named and found != names:
        raise ValueError(
            f"expected images of the classes of {recipe.name}, "
            f"{short_list(names)}, but the classes are {short_list(found)}: "
            "a new run with --labels takes those of the images. "
            f"Received: data={data}"
        )
    return data, found


def _with_unseen(diagnostics):
    """Opens the images to measure on; not of TFDS."""
    unseen = diagnostics.data
    if unseen is None or os.fspath(unseen).startswith("tfds:"):
        return diagnostics
    try:
        opened = open_source(unseen, diagnostics.split)
    except ValueError as error:
        text = str(error).replace("--split", "--measure-split")
        raise ValueError(text) from error
    return dataclasses.replace(diagnostics, data=opened)
