"""Fine-tuning: a training that starts from the weights of another one."""

import os

from kerasgan.recipes.section import validate
from kerasgan.training.run_directory import ORIGIN
from kerasgan.utils.json_files import read_json
from kerasgan.zoo.catalogue import WEIGHTS
from kerasgan.zoo.pretrained import load_verified, verify
from kerasgan.zoo.records import Parent, read_training


def find_parent(folder, recipe, initial, continues):
    """Finds what a run was or will be fine-tuned from; without Keras.

    Args:
        folder: `pathlib.Path` of the run, which need not exist.
        recipe: its `Recipe`.
        initial: the `Entry` that was asked for, or None.
        continues: whether the run has a checkpoint, from which it is resumed.

    Returns:
        The `Parent`, or None for fresh weights.

    Raises:
        ValueError: as `parent_of`, or the run started from other weights.
    """
    before = _read(folder)
    if initial is not None:
        parent = parent_of(initial, recipe)
        if continues and (before is None or before.weights != parent.weights):
            began = f"the weights of {before.name}" if before else "fresh ones"
            raise ValueError(
                f"the run in {folder} was started from {began}, which cannot "
                f"change when it is resumed. Received: from={initial.name}"
            )
        return parent
    if before is not None and not continues:
        raise ValueError(
            f"the run in {folder} was started from the weights of {before.name} "
            "and has no checkpoint yet: repeat --from. "
            "Received: from=None"
        )
    return before


def parent_of(entry, recipe):
    """Checks the weights that a training is fine-tuned from; without Keras.

    Args:
        entry: an `Entry` of the zoo or of a run.
        recipe: the `Recipe` of the training that begins.

    Returns:
        The `Parent`.

    Raises:
        ValueError: its weights are missing or damaged, nothing says how they
            were trained, or its networks are others than those of the recipe.
    """
    before = entry.recipe()
    for network in WEIGHTS:
        theirs, ours = (
            {**one.architecture.of(network), "num_classes": _num_classes(one)}
            for one in (before, recipe)
        )
        different = [
            f"{key} is {theirs.get(key)} there and {ours.get(key)} here"
            for key in {**theirs, **ours}
            if theirs.get(key) != ours.get(key)
        ]
        if different:
            raise ValueError(
                f"expected the weights of the same networks, but the {network} "
                f"of {entry.name} differs: {', '.join(different)}"
            )
    digests = verify(entry, before, "both")
    record = read_training(entry.folder)
    return Parent(
        name=before.name,
        weights=digests["generator"],
        steps=record.total_steps,
        licence=before.licence,
        fingerprints=record.fingerprints,
    )


def _num_classes(recipe):
    names = recipe.data.classes
    return None if names is None else len(names)


def begin_with(gan, entry):
    """Gives a GAN that was not trained yet the weights of an entry or a run.

    The file of a generator holds its moving average, with which the generator
    itself begins, too. The optimizers are fresh.

    Args:
        gan: a compiled `kerasgan.gans.GAN` of the same networks.
        entry: an `Entry` whose weights were checked (`parent_of`).
    """
    networks = zip(
        (gan.generator, gan.discriminator),
        load_verified(entry, entry.recipe(), "both"),
    )
    for ours, theirs in networks:
        ours.set_weights(theirs.get_weights())
    if gan.ema_generator is not None:
        gan.ema_generator.set_weights(gan.generator.get_weights())


def _read(folder):
    path = folder / ORIGIN
    try:
        content = read_json(path, "restore it from a copy of the run")
    except FileNotFoundError:
        return None
    return validate(Parent, content, os.fspath(path))
