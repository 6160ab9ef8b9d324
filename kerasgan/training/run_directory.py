"""The folder of a training, and whether it may be (re)used."""

from kerasgan.recipes.recipe import Recipe, differences
from kerasgan.utils.json_files import read_json, write_json
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.catalogue import RECIPE, TRAINING
from kerasgan.zoo.records import read_training

CHECKPOINT = "checkpoint.weights.h5"
PICTURES = "pictures.json"
ORIGIN = "began_from.json"
# Runs of kerasgan 0.1 have it that learned from another generator's images.
_TEACHERS = "teachers.json"

_WITHOUT_PICTURES = "delete it, and the run is resumed without a check that its images are the same"
# What may change when a run is resumed. Whether the images themselves are
# the same is known by their fingerprint.
_FREE = ("training.steps", "data.source", "training.best")


def check_run(folder, recipe, resume):
    """Reject a folder in which a recipe cannot be trained.

    Args:
        folder: `pathlib.Path` of the run, which need not exist.
        recipe: the `Recipe` to train.
        resume: whether to resume a run that is there.

    Raises:
        FileExistsError: there is a file, or a run and `resume` is false.
        ValueError: there is something else, or a run of another recipe.
    """
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(
            f"expected a folder for the run. Received: output={folder}, a file"
        )
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not resume:
        raise FileExistsError(
            f"{folder} is not empty: continue the run in it with --resume, or "
            "choose another folder"
        )
    if not (folder / RECIPE).exists():
        raise ValueError(
            f"expected a run directory, with {RECIPE}, to resume. "
            f"Received: output={folder}"
        )
    if (folder / _TEACHERS).exists():
        raise ValueError(
            f"the run in {folder} is a distillation, which kerasgan 0.2 does "
            f"not resume. Received: output={folder}"
        )
    before = Recipe.load(folder / RECIPE)
    changed = [
        f"{key} is {old} there and {new} here"
        for key, old, new in differences(before, recipe)
        if not key.startswith(_FREE) and not _is_ahead(folder, before, key)
    ]
    if changed:
        raise ValueError(
            f"the run in {folder} has another recipe, and only the number of "
            f"steps may change: {', '.join(changed)}"
        )


def finished_steps(folder):
    """How many steps a run has done, by its log; 0 if there is none."""
    lines = read_log(folder / LOG)
    return lines[-1]["step"] if lines else 0


def nothing_to_do(folder, steps):
    """How many steps a run has, if these are all that are asked for.

    Args:
        folder: `pathlib.Path` of a run that may be resumed, or of none.
        steps: of the whole training.

    Returns:
        The number of steps, or None if some are to be trained.
    """
    if (folder / CHECKPOINT).exists() and (folder / TRAINING).exists():
        done = read_training(folder).steps
        # A training that was killed has a later state than its last record.
        if done >= steps and done >= finished_steps(folder):
            return done
    return None


def _is_ahead(folder, before, key):
    """Whether a key says when a decay ends that has not begun yet."""
    optimizer, _, setting = key.removeprefix("training.").partition(".")
    if setting != "decay.stop":
        return False
    decay = getattr(before.training, optimizer).decay
    return decay is not None and finished_steps(folder) <= decay.start


def check_pictures(folder, prepared):
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
