"""Fine-tuning: a training that starts from the weights of another one."""

import warnings

from kerasgan.data.sources import source_name
from kerasgan.zoo.catalogue import WEIGHTS
from kerasgan.zoo.pretrained import load_verified, verify
from kerasgan.zoo.records import Parent, read_training


def find_parent(run, recipe, data, initial):
    """Finds what a run was or will be fine-tuned from; without Keras.

    Args:
        run: the `kerasgan.training.run_directory.Run`.
        recipe: its `Recipe`.
        data: source of its images.
        initial: the `NamedRecipe` that was asked for, or None.

    Returns:
        The `Parent`, or None for fresh weights.

    Raises:
        ValueError: as `parent_of`, or the run started from other weights.
    """
    before = run.parent
    if initial is not None:
        parent = parent_of(initial, recipe, data)
        if run.resumable and (
            before is None or before.weights != parent.weights
        ):
            began = f"the weights of {before.name}" if before else "fresh ones"
            raise ValueError(
                f"the run in {run.folder} was started from {began}, which "
                "cannot change when it is resumed. "
                f"Received: from={initial.entry.name}"
            )
        return parent
    if before is not None and not run.resumable:
        raise ValueError(
            f"the run in {run.folder} was started from the weights of {before.name} "
            "and has no checkpoint yet: repeat --from. "
            "Received: from=None"
        )
    return before


def parent_of(initial, recipe, data):
    """Checks the weights that a training is fine-tuned from; without Keras.

    It warns of weights that were trained on images that are held out now.

    Args:
        initial: the `NamedRecipe` of an entry of the zoo or of a run.
        recipe: the `Recipe` of the training that begins.
        data: source of its images.

    Returns:
        The `Parent`.

    Raises:
        ValueError: its weights are missing or damaged, nothing says how they
            were trained, or its networks are others than those of the recipe.
    """
    entry, before = initial.entry, initial.recipe
    if entry is None:
        raise ValueError(
            "Expected a model of the zoo or a run directory to fine-tune from. "
            f"Received: from={before.name}, a recipe file"
        )
    for network in WEIGHTS:
        there, here = (
            {**r.architecture.of(network), "num_classes": _num_classes(r)}
            for r in (before, recipe)
        )
        different = [
            f"{key} is {there.get(key)} there and {here.get(key)} here"
            for key in {**there, **here}
            if there.get(key) != here.get(key)
        ]
        if different:
            raise ValueError(
                f"Expected the weights of the same networks, but the {network} "
                f"of {entry.name} differs: {', '.join(different)}"
            )
    digests = verify(entry, before, "both")
    record = read_training(entry.folder)
    # What a fraction holds out a larger one does, too.
    more = (recipe.data.hold_out or 0) > (before.data.hold_out or 0)
    if more and record.data.source == source_name(data):
        warnings.warn(
            f"{before.name} was trained on images of {record.data.source} that "
            "are held out here, so that they are not unseen",
            stacklevel=4,
        )
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


def begin_with(gan, initial):
    """Gives a GAN that was not trained yet the weights of an entry or a run.

    The file of a generator holds its moving average, with which the generator
    itself begins, too. The optimizers are fresh.

    Args:
        gan: a compiled `kerasgan.gans.GAN` of the same networks.
        initial: the `NamedRecipe` whose weights were checked (`parent_of`).
    """
    networks = zip(
        (gan.generator, gan.discriminator),
        load_verified(initial.entry, initial.recipe, "both"),
    )
    for network, pretrained in networks:
        network.set_weights(pretrained.get_weights())
    if gan.ema_generator is not None:
        gan.ema_generator.set_weights(gan.generator.get_weights())
