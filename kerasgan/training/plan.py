"""A training, checked before Keras is imported."""

import dataclasses
from typing import Any

from kerasgan.callbacks.wandb_account import check_wandb
from kerasgan.data.labels import labelling
from kerasgan.data.opened_source import is_tfds
from kerasgan.data.sources import open_source
from kerasgan.recipes.recipe import Recipe
from kerasgan.training.diagnostics import Diagnostics
from kerasgan.training.distribution import check_distribution
from kerasgan.training.initial_weights import find_parent
from kerasgan.training.run_directory import Run, check_run, nothing_to_do
from kerasgan.utils.classes import short_list
from kerasgan.utils.locks import LOCK, FolderLock, check_unlocked
from kerasgan.zoo.catalogue import NamedRecipe
from kerasgan.zoo.records import Parent


@dataclasses.dataclass(frozen=True)
class Plan:
    """A training as it was asked for, which `check` completes.

    Attributes:
        recipe: the `Recipe`; once checked with the classes of the images and
            the rule that chooses the best networks.
        data: source of the images, as of `kerasgan.data.load`; once checked
            opened, if it can be without TensorFlow.
        run: the `kerasgan.training.run_directory.Run`.
        labels: whether the classes are those of the images.
        notes: lines that say what was decided, and what was asked for and does
            nothing.
        initial: the `NamedRecipe` of the entry or run whose weights it is
            fine-tuned from; None for fresh weights.
        diagnostics: `kerasgan.training.diagnostics.Diagnostics`; once checked
            with the steps between measurements, and its data opened.
        resume, command, data_dir, log_every, sample_every, checkpoint_every,
            distribute: as of `kerasgan.training.trainer.train`.
        continues: whether the run has a checkpoint, from which it is resumed.
        done: its steps, if these are all that are asked for; otherwise None.
        parent: the `Parent` that it was or will be fine-tuned from, or None.
    """

    recipe: Recipe
    data: Any
    run: Run
    labels: bool = False
    notes: tuple = ()
    resume: bool = False
    initial: NamedRecipe | None = None
    command: str | None = None
    data_dir: Any = None
    log_every: int = 100
    sample_every: int = 1000
    checkpoint_every: int = 1000
    diagnostics: Diagnostics = dataclasses.field(default_factory=Diagnostics)
    distribute: str | None = None
    # What `check` finds out.
    continues: bool = False
    done: int | None = None
    parent: Parent | None = None

    @property
    def output(self):
        """`pathlib.Path` of the run directory."""
        return self.run.folder


def check(plan):
    """Checks a training; Keras is not imported for it.

    Args:
        plan: the `Plan`.

    Returns:
        The `Plan` with all that is known before it begins.

    Raises:
        FileExistsError, FileNotFoundError, BlockingIOError, ValueError: as
            `kerasgan.training.trainer.train`.
    """
    check_distribution(plan.distribute)
    recipe, run, diagnostics = plan.recipe, plan.run, plan.diagnostics
    if plan.distribute is None:
        # Of several workers the chief alone locks it, when it trains.
        check_unlocked(run.folder)
    done, classes = None, None if plan.labels else recipe.data.classes
    if plan.resume and run.recipe is not None:
        done = nothing_to_do(run, recipe.training.steps)
        classes = classes or run.recipe.data.classes
    data, log_every, notes = plan.data, plan.log_every, [*plan.notes]
    best = recipe.training.best
    if done is None:
        best, diagnostics, log_every, idle = diagnostics.settle(
            recipe.training, log_every
        )
        data, classes = _open(plan, classes)
        diagnostics = _open_unseen(diagnostics)
        if plan.distribute is None and "wandb" in diagnostics.trackers:
            # Of several workers the chief alone has an account.
            check_wandb()
        if classes:
            notes.append(f"classes: {len(classes)} ({short_list(classes)})")
        notes += idle
    elif (run.folder / LOCK).exists():
        # One that was killed when all was done: what it left is removed.
        with FolderLock(run.folder):
            pass
    recipe = recipe.override_all(
        [("training.best", best), ("data.classes", classes)]
    )
    check_run(run, recipe, plan.resume)
    return dataclasses.replace(
        plan,
        recipe=recipe,
        data=data,
        notes=(*notes,),
        diagnostics=diagnostics,
        log_every=log_every,
        continues=run.resumable,
        done=done,
        parent=find_parent(run, recipe, data, plan.initial),
    )


def _open(plan, classes):
    """Opens the images and checks them; of TFDS only for their classes.

    Args:
        plan: the `Plan`.
        classes: those that they must have; None for their own, if the plan
            has `labels`.

    Returns:
        `(data, classes)`.
    """
    data, recipe = plan.data, plan.recipe
    given = classes is not None
    if is_tfds(data) and (given or not plan.labels):
        return data, classes
    data = open_source(data, recipe.data.split, plan.data_dir)
    check_batch(recipe.training, len(data))
    if not given and not plan.labels:
        return data, None
    own, _ = labelling(data)
    if given and own != classes:
        raise ValueError(
            f"Expected images of the classes of {recipe.name}, "
            f"{short_list(classes)}, but the classes are {short_list(own)}: "
            "a new run with --labels takes those of the images. "
            f"Received: data={data}"
        )
    return data, own


def check_batch(training, count):
    """Raises if a batch is larger than all images together.

    Args:
        training: the section of a recipe.
        count: number of images.

    Raises:
        ValueError: they are; the message gives a size that fits.
    """
    each, parts = training.discriminator_steps, training.gradient_accumulation
    if training.batch_size * each <= count:
        return
    most = count // each // parts * parts
    remedy = f"--batch-size {most} or less"
    if not most:
        remedy = f"at least {each * parts} are needed"
    needed = f"{training.batch_size} images"
    if each > 1:
        needed = f"{each} x {needed} (discriminator_steps x batch_size)"
    raise ValueError(
        f"a step of training takes {needed}, and there are {count}: {remedy}. "
        f"Received: batch_size={training.batch_size}"
    )


def _open_unseen(diagnostics):
    """Opens the images to measure on; not of TFDS."""
    unseen = diagnostics.data
    if unseen is None or is_tfds(unseen):
        return diagnostics
    try:
        unseen = open_source(unseen, diagnostics.split)
    except ValueError as error:
        text = str(error).replace("--split", "--measure-split")
        raise ValueError(text) from error
    return dataclasses.replace(diagnostics, data=unseen)
