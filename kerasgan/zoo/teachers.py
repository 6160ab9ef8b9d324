"""The generators that a training's distillation learns from."""

import json
import os

from kerasgan.files import atomic_write
from kerasgan.zoo.catalogue import find
from kerasgan.zoo.load import check_weights, load
from kerasgan.zoo.metrics import Origin
from kerasgan.zoo.origin import origin
from kerasgan.zoo.sections import validate

TEACHERS = "teachers.json"


def find_teachers(recipe):
    """Check the teachers that the penalties of a recipe name.

    Keras is not imported for it.

    Args:
        recipe: the `Recipe` of the training.

    Returns:
        name in the recipe -> `Origin`.

    Raises:
        ValueError: there is no such entry or run, its weights are missing or
            damaged, nothing says how they were trained, or its latents or
            pictures are of another size than the recipe's.
    """
    found = {}
    for name in _names(recipe):
        entry = find(name)
        theirs, ours = (
            (one.architecture.latent_dim, list(one.architecture.image_shape))
            for one in (entry.recipe(), recipe)
        )
        if theirs != ours:
            raise ValueError(
                "a teacher's pictures and latents have the sizes of the "
                f"recipe's: latent_dim {ours[0]}, image_shape {ours[1]}. "
                f"Received: teacher={name} of {theirs[0]}, {theirs[1]}"
            )
        check_weights(entry)
        found[name] = origin(entry)
    return found


def teachers_of_run(folder, recipe, goes_on):
    """The teachers of a run, the same ones where it goes on.

    Args:
        folder: `pathlib.Path` of the run, which need not exist.
        recipe: its `Recipe`.
        goes_on: whether the run has a checkpoint, from which it goes on.

    Returns:
        As `find_teachers`.

    Raises:
        ValueError: as `find_teachers`, or a teacher has other weights than
            when the run began.
    """
    found = find_teachers(recipe)
    for name, before in _read(folder).items() if goes_on else ():
        now = found[name].weights
        if before.weights != now:
            raise ValueError(
                f"the run in {folder} goes on with the teacher that it began "
                f"with, {name} with the generator {before.weights[:16]}. "
                f"Received: one with {now[:16]}"
            )
    return found


def keep_teachers(folder, teachers):
    """Write into a run's folder who its teachers are.

    Args:
        folder: `pathlib.Path` of the run.
        teachers: as of `find_teachers`; nothing is written of none.
    """
    if teachers:
        content = {
            name: one.model_dump(mode="json") for name, one in teachers.items()
        }
        with atomic_write(folder / TEACHERS, "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=2) + "\n")


def load_teachers(recipe):
    """name -> generator, of the teachers that a recipe's penalties name."""
    return {name: load(name) for name in _names(recipe)}


def _names(recipe):
    """Each once, in their order."""
    penalties = recipe.training.penalties or ()
    return list(
        dict.fromkeys(p.teacher for p in penalties if hasattr(p, "teacher"))
    )


def _read(folder):
    path = folder / TEACHERS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {
        name: validate(Origin, one, os.fspath(path))
        for name, one in content.items()
    }
