"""The folder of a training, and whether it may be (re)used."""

import dataclasses
import functools
import warnings
from pathlib import Path

from kerasgan.recipes.recipe import Recipe, differences
from kerasgan.utils.json_files import read_json, write_json
from kerasgan.utils.locks import LOCK
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.catalogue import RECIPE, TRAINING
from kerasgan.zoo.records import Parent, read_training

CHECKPOINT = "checkpoint.weights.h5"
PICTURES = "pictures.json"
ORIGIN = "began_from.json"
# Runs of kerasgan 0.1 have it that learned from another generator's images.
_TEACHERS = "teachers.json"

# How a file that cannot be written again is got back.
RESTORE = "restore it from a copy of the run"
_WITHOUT_PICTURES = "delete it, and the run is resumed without a check that its images are the same"
# What may change when a run is resumed. Whether the images themselves are
# the same is known by their fingerprint.
_FREE = ("training.steps", "data.source", "training.best")


@dataclasses.dataclass(frozen=True)
class Run:
    """A run directory, which need not exist.

    Each of its files is read once, when it is asked for.

    Attributes:
        folder: its `pathlib.Path`.
    """

    folder: Path

    @functools.cached_property
    def recipe(self):
        """The `Recipe` that it was started with, or None if there is no run."""
        path = self.folder / RECIPE
        return Recipe.load(path) if path.exists() else None

    @functools.cached_property
    def record(self):
        """The `TrainingRecord` of its steps when it last ended, or None."""
        there = (self.folder / TRAINING).exists()
        return read_training(self.folder) if there else None

    @functools.cached_property
    def parent(self):
        """The `Parent` that it was fine-tuned from, or None."""
        try:
            return Parent.from_json(self.folder / ORIGIN, RESTORE)
        except FileNotFoundError:
            return None

    @functools.cached_property
    def logged_steps(self):
        """How many steps it has done, by its log."""
        return finished_steps(self.folder)

    @functools.cached_property
    def resumable(self):
        """Whether it has a checkpoint, from which it is resumed."""
        return (self.folder / CHECKPOINT).exists()


def check_run(run, recipe, resume):
    """Reject a folder in which a recipe cannot be trained.

    Args:
        run: the `Run`.
        recipe: the `Recipe` to train.
        resume: whether to resume a run that is there.

    Raises:
        FileExistsError: there is a file, or a run and `resume` is false.
        ValueError: there is something else, or a run of another recipe.
    """
    folder = run.folder
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(
            f"Expected a folder for the run. Received: output={folder}, a file"
        )
    if not folder.is_dir():
        return
    # A lock is left where a process was killed before it wrote anything.
    if {path.name for path in folder.iterdir()} <= {LOCK}:
        return
    if not resume:
        raise FileExistsError(
            f"{folder} is not empty: continue the run in it with --resume, or "
            "choose another folder"
        )
    if run.recipe is None:
        raise ValueError(
            f"Expected a run directory, with {RECIPE}, to resume. "
            f"Received: output={folder}"
        )
    if (folder / _TEACHERS).exists():
        raise ValueError(
            f"the run in {folder} is a distillation, which kerasgan does "
            f"not resume since 0.2. Received: output={folder}"
        )
    free = (*_FREE, *_ends_of_decays_ahead(run))
    changed = [
        f"{key} is {old} there and {new} here"
        for key, old, new in differences(run.recipe, recipe)
        if not key.startswith(free)
    ]
    if changed:
        raise ValueError(
            f"the run in {folder} has another recipe, and only the number of "
            f"steps may change: {', '.join(changed)}"
        )


def finished_steps(folder):
    """Returns how many steps a run has done, by its log; 0 without one."""
    lines = read_log(folder / LOG)
    return lines[-1]["step"] if lines else 0


def nothing_to_do(run, steps):
    """Returns the steps of a run, if no more are requested.

    Args:
        run: the `Run`.
        steps: of the whole training.

    Returns:
        The number of steps, or None if some are to be trained.
    """
    if run.resumable and run.record is not None:
        done = run.record.steps
        # A training that was killed has a later state than its last record.
        if done >= steps and done >= run.logged_steps:
            return done
    return None


def _ends_of_decays_ahead(run):
    """Returns the keys that say when a decay ends which has not begun yet."""
    keys = []
    for optimizer in ("generator_optimizer", "discriminator_optimizer"):
        decay = getattr(run.recipe.training, optimizer).decay
        if hasattr(decay, "stop") and run.logged_steps <= decay.start:
            keys.append(f"training.{optimizer}.decay.stop")
    return keys


def check_images(folder, prepared):
    """Reject resuming a run on other images than it started on.

    Args:
        folder: `pathlib.Path` of the run.
        prepared: `kerasgan.data.PreparedImages`.

    Raises:
        ValueError: they differ, so that the training would not be the same.
    """
    try:
        before = read_json(folder / PICTURES, _WITHOUT_PICTURES)
    except FileNotFoundError:
        return
    if before["fingerprint"] != prepared.fingerprint:
        raise ValueError(
            f"the run in {folder} was started on other images: "
            f"{before['count']} with the fingerprint "
            f"{before['fingerprint'][:16]}. Received: {len(prepared)} with "
            f"{prepared.fingerprint[:16]}"
        )


def warn_of_lost_files(run, log_every):
    """Say which files a resumed run has lost.

    Args:
        run: the `Run`.
        log_every: steps between the lines of its log.
    """
    done = run.record.steps if run.record else 0
    if done and not run.resumable:
        lost, result = CHECKPOINT, "the training begins again at step 0"
    elif done >= log_every and not run.logged_steps:
        lost, result = LOG, f"its curves begin at step {done}"
    else:
        return
    warnings.warn(f"{run.folder} has lost its {lost}: {result}", stacklevel=3)


def begin(folder, recipe, prepared, began_from=None):
    """Write what a run is, before its first step or when it is resumed.

    Args:
        folder: `pathlib.Path` of the run.
        recipe: its `Recipe`.
        prepared: `kerasgan.data.PreparedImages`.
        began_from: the `kerasgan.zoo.records.Parent` of its first weights; None
            for fresh ones.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if began_from is not None:
        # Before the recipe, without which nothing is resumed.
        write_json(folder / ORIGIN, began_from.model_dump(mode="json"))
    recipe.save(folder / RECIPE)
    content = {
        "count": len(prepared),
        "fingerprint": prepared.fingerprint,
        "skipped": list(prepared.skipped),
        "remarks": list(prepared.remarks),
    }
    write_json(folder / PICTURES, content)
