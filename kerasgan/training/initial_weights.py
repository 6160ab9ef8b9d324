"""Fine-tuning: a training that begins with the weights of another one."""

import json
import os

from kerasgan.recipes.section import validate
from kerasgan.training.run_directory import ORIGIN
from kerasgan.utils.files import sha256
from kerasgan.zoo.catalogue import WEIGHTS, find
from kerasgan.zoo.load import check_weights, load
from kerasgan.zoo.records import Parent, read_training


def find_origin(name, recipe):
    """What a training can begin with.

    Keras is not imported for it.

    Args:
        name: an entry of the zoo or a run folder.
        recipe: the `Recipe` of the training that begins.

    Returns:
        The `Parent`.

    Raises:
        ValueError: there is no such thing, its weights are missing or damaged,
            nothing says how they were trained, or its networks are others than
            those of the recipe.
    """
    entry = find(name)
    before = entry.recipe()
    for network in WEIGHTS:
        theirs, ours = (
            one.architecture.of(network) for one in (before, recipe)
        )
        different = [
            f"{key} is {theirs.get(key)} there and {ours.get(key)} here"
            for key in {**theirs, **ours}
            if theirs.get(key) != ours.get(key)
        ]
        if different:
            raise ValueError(
                f"expected the weights of the same networks, but the {network} "
                f"of {name} differs: {', '.join(different)}"
            )
    check_weights(entry, "both")
    record = read_training(entry.folder)
    return Parent(
        name=before.name,
        weights=sha256(entry.weights_file()),
        steps=record.total_steps,
        licence=before.licence,
        fingerprints=record.fingerprints,
    )


def begin_with(gan, name):
    """Give a GAN that was not trained yet the weights of an entry or a run.

    The file of a generator holds its moving average, with which the generator
    itself begins, too. The optimizers are fresh.

    Args:
        gan: a compiled `kerasgan.gans.GAN` of the same networks.
        name: an entry of the zoo or a run folder.
    """
    networks = zip((gan.generator, gan.discriminator), load(name, "both"))
    for ours, theirs in networks:
        ours.set_weights(theirs.get_weights())
    if gan.ema_generator is not None:
        gan.ema_generator.set_weights(gan.generator.get_weights())


def origin_of_run(folder, recipe, name, goes_on):
    """What a training began with, or is to begin with.

    Args:
        folder: `pathlib.Path` of the run, which need not exist.
        recipe: its `Recipe`.
        name: an entry of the zoo or a run folder that was asked for, or None.
        goes_on: whether the run has a checkpoint, from which it is resumed.

    Returns:
        The `Parent`, or None for fresh weights.

    Raises:
        ValueError: as `find_origin`, or the run began with something else.
    """
    before = _read(folder)
    if name is not None:
        origin = find_origin(name, recipe)
        if goes_on and (before is None or before.weights != origin.weights):
            began = f"the weights of {before.name}" if before else "fresh ones"
            raise ValueError(
                f"the run in {folder} was started from {began}, which cannot "
                f"change when it is resumed. Received: from={name}"
            )
        return origin
    if before is not None and not goes_on:
        raise ValueError(
            f"the run in {folder} was started from the weights of {before.name} "
            "and has no checkpoint yet: repeat --from. "
            "Received: from=None"
        )
    return before


def _read(folder):
    path = folder / ORIGIN
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        return None
    return validate(Parent, content, os.fspath(path))
