"""A training that begins with the weights of another one."""

import json
import os

from kerasgan.data.sources import source_name
from kerasgan.files import sha256
from kerasgan.zoo.again import of_data
from kerasgan.zoo.catalogue import WEIGHTS, find
from kerasgan.zoo.load import check_weights, load
from kerasgan.zoo.metrics import Origin, read_training
from kerasgan.zoo.run import ORIGIN
from kerasgan.zoo.sections import validate


def find_origin(name, recipe, deeper=False):
    """What a training can begin with.

    Keras is not imported for it.

    Args:
        name: an entry of the zoo or a run folder.
        recipe: the `Recipe` of the training that begins.
        deeper: whether networks of the recipe may also be residual ones that
            a DCGAN's can be deepened to (`kerasgan.architectures.deepen`).

    Returns:
        The `Origin`.

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
        if theirs == ours or (deeper and _deepens(theirs, ours)):
            continue
        different = [
            f"{key} is {theirs.get(key)} there and {ours.get(key)} here"
            for key in {**theirs, **ours}
            if theirs.get(key) != ours.get(key)
        ]
        raise ValueError(
            f"a training begins with the weights of the same networks, and "
            f"the {network} of {name} is another: {', '.join(different)}"
        )
    check_weights(entry, "both")
    return origin(entry)


def _deepens(theirs, ours):
    """Whether one network is what `deepen` makes of another.

    How many levels a DCGAN has, and whether a ResNet has blocks enough, is
    left to `deepen`.
    """
    width = theirs["features"]
    kinds = theirs["kind"], ours["kind"]
    return (
        kinds == ("dcgan", "resnet")
        and ours["features"]
        == [width * 2**i for i in range(len(ours["features"]))]
        and theirs["normalization"] in ("weight", "weight-affine")
        and all(
            theirs[key] == ours[key]
            for key in theirs
            if key not in ("kind", "features")
        )
    )


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
        recipe["data"].update(of_data(own))
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
        gan: a compiled `kerasgan.gans.GAN` of the same networks, or of
            residual ones that theirs can be deepened to.
        name: an entry of the zoo or a run folder.

    Raises:
        ValueError: as `kerasgan.architectures.deepen`.
    """
    from kerasgan.architectures import deepen

    networks = zip((gan.generator, gan.discriminator), load(name, "both"))
    for ours, theirs in networks:
        if [v.path for v in ours.weights] == [v.path for v in theirs.weights]:
            ours.set_weights(theirs.get_weights())
        else:
            deepen(theirs, ours)
    if gan.ema_generator is not None:
        gan.ema_generator.set_weights(gan.generator.get_weights())


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
        origin = find_origin(name, recipe, deeper=True)
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
