"""A training that begins with the weights of another one."""

import json
import os

from kerasgan.data.sources import source_name
from kerasgan.files import sha256
from kerasgan.zoo.again import OF_DATA
from kerasgan.zoo.catalogue import find
from kerasgan.zoo.load import check_weights, load
from kerasgan.zoo.metrics import Origin, read_training
from kerasgan.zoo.run import ORIGIN
from kerasgan.zoo.sections import validate


def find_origin(name, recipe):
    """What a training can begin with.

    Keras is not imported for it.

    Args:
        name: an entry of the zoo or a run folder.
        recipe: the `Recipe` of the training that begins.

    Returns:
        The `Origin`.

    Raises:
        ValueError: there is no such thing, its weights are missing or damaged,
            nothing says how they were trained, or its networks are not those
            of the recipe.
    """
    entry = find(name)
    before = entry.recipe()
    if before.architecture != recipe.architecture:
        theirs, ours = (
            one.architecture.model_dump(mode="json") for one in (before, recipe)
        )
        different = [
            f"{key} is {theirs.get(key)} there and {ours.get(key)} here"
            for key in {**theirs, **ours}
            if theirs.get(key) != ours.get(key)
        ]
        raise ValueError(
            f"a training begins with the weights of the same networks, and "
            f"those of {name} are others: {', '.join(different)}"
        )
    check_weights(entry, "both")
    return origin(entry)


def origin(entry):
    """How the weights of an entry or a run came to be, and which they are.

    Args:
        entry: a `kerasgan.zoo.catalogue.Entry` whose weights were checked.

    Returns:
        The `Origin`.

    Raises:
        ValueError: nothing says how they were trained.
    """
    before = entry.recipe()
    record = read_training(entry.folder)
    recipe = _travelling(before)
    if record.recipe is not None:
        # What the training had of its own; licences are the entry's.
        own = record.recipe
        data = {key: own["data"].get(key) for key in OF_DATA}
        recipe["data"].update(data)
        recipe["training"] = own["training"]
    return Origin(
        name=before.name,
        weights=sha256(entry.weights_file()),
        # An origin has a place of its own for the recipe.
        training=record.model_copy(update={"recipe": None}),
        recipe=recipe,
    )


def _travelling(recipe):
    """A recipe as a dictionary, without where its pictures lie here.

    It goes into cards that others read.
    """
    content = recipe.model_dump(mode="json")
    content["data"]["source"] = source_name(content["data"]["source"])
    return content


def begin_with(gan, name):
    """Give a GAN that was not trained yet the weights of an entry or a run.

    The file of a generator holds its moving average, with which the generator
    itself begins, too. The optimizers begin anew.

    Args:
        gan: a compiled `kerasgan.gans.GAN` of the same networks.
        name: an entry of the zoo or a run folder.
    """
    generator, discriminator = load(name, "both")
    gan.generator.set_weights(generator.get_weights())
    if gan.ema_generator is not None:
        gan.ema_generator.set_weights(generator.get_weights())
    gan.discriminator.set_weights(discriminator.get_weights())


def origin_of_run(folder, recipe, name, goes_on):
    """What a training began with, or is to begin with.

    Args:
        folder: `pathlib.Path` of the run, which need not exist.
        recipe: its `Recipe`.
        name: an entry of the zoo or a run folder that was asked for, or None.
        goes_on: whether the run has a checkpoint, from which it goes on.

    Returns:
        The `Origin`, or None for fresh weights.

    Raises:
        ValueError: as `find_origin`, or the run began with something else.
    """
    before = _read(folder)
    if name is not None:
        origin = find_origin(name, recipe)
        if goes_on and (before is None or before.weights != origin.weights):
            began = f"the weights of {before.name}" if before else "fresh ones"
            raise ValueError(
                f"the run in {folder} began with {began}, and a run is resumed "
                f"as it is. Received: from={name}"
            )
        return origin
    if before is not None and not goes_on:
        raise ValueError(
            f"the run in {folder} began with the weights of {before.name} and "
            "has no checkpoint yet: name them again by --from. "
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
    return validate(Origin, content, os.fspath(path))
