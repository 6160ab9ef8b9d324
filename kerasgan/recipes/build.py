"""From a recipe to Keras objects and images."""

import importlib
import warnings

from kerasgan.utils.backend import dtype_policy
from kerasgan.utils.typing import Any, PathLike


def build_networks(recipe: Any) -> tuple[Any, Any]:
    """Make the networks of a recipe, with fresh weights.

    They follow the global dtype policy.

    Args:
        recipe: a `Recipe`.

    Returns:
        `(generator, discriminator)`, Keras models.
    """
    arguments = recipe.architecture.model_dump()
    own = arguments.pop("discriminator")
    shared = {key: arguments[key] for key in ("image_shape", "latent_dim")}
    names = recipe.data.classes
    if names is not None:
        shared |= {"num_classes": len(names), "class_names": names}
    generator, discriminator = _pair({**arguments, **shared})
    if own is not None:
        _, discriminator = _pair({**shared, **own})
    return generator, discriminator


def _pair(arguments):
    # Only here: reading recipes does not import Keras.
    architectures = importlib.import_module("kerasgan.architectures")
    kind = getattr(architectures, arguments["kind"])
    return kind(**{key: arguments[key] for key in arguments if key != "kind"})


def build_optimizer(settings: Any, updates_per_step: int = 1) -> Any:
    """Returns the Keras optimizer of one network of a recipe.

    Args:
        settings: a section of a recipe, such as
            `recipe.training.generator_optimizer`.
        updates_per_step: how often it updates in a step of training, at least
            1, which schedules have to know.
    """
    from kerasgan.optimizers.construction import build

    return build(settings.model_dump(), updates_per_step)


def build_gan(recipe: Any) -> Any:
    """Returns the compiled GAN of a recipe, freshly initialized by its seed.

    Args:
        recipe: a `Recipe`.

    Returns:
        A `kerasgan.gans.GAN`.
    """
    import keras

    from kerasgan import gans

    training = recipe.training
    options = training.class_arguments
    if training.penalties is not None:
        options["penalties"] = [
            _build(gans.PENALTIES, settings) for settings in training.penalties
        ]
    if training.augmentation is not None:
        options["augmentation"] = _build(
            gans.AUGMENTATIONS, training.augmentation
        )
    keras.utils.set_random_seed(training.seed)
    with dtype_policy(training.precision):
        gan = gans.LOSSES[training.loss](
            *build_networks(recipe),
            seed=training.seed,
            **options,
        )
        gan.compile(
            build_optimizer(training.generator_optimizer),
            build_optimizer(
                training.discriminator_optimizer,
                training.discriminator_steps,
            ),
        )
    return gan


def _build(classes, settings):
    arguments = settings.model_dump()
    return classes[arguments.pop("name")](**arguments)


def prepare_images(
    recipe: Any,
    source: PathLike,
    split: str | None,
    data_dir: PathLike | None = None,
    own: Any = None,
    labels: bool = True,
) -> Any:
    """Prepare images as a recipe cuts and resizes them.

    Args:
        recipe: a `Recipe`.
        source: where they come from, as of `kerasgan.data.prepare`; None for
            the recipe's source.
        split: split of the source. Of the recipe's own source, if it holds
            images out, None or `"held-out"` are these, and the recipe's split
            is the rest, on which it trains.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.
        own: whether the source has the recipe's own training images; None if
            it has them if it is the recipe's source.
        labels: whether to label the images if the recipe has classes, by their
            order in the recipe. Images that are not in such classes have no
            labels, of which there is a warning, unless they are the recipe's
            own.

    Returns:
        `kerasgan.data.PreparedImages`.

    Raises:
        ValueError: as `kerasgan.data.prepare`, or nothing is held out.
    """
    from kerasgan.data import prepare
    from kerasgan.data.hold_out_share import HELD_OUT
    from kerasgan.data.image_sides import shorter_side
    from kerasgan.data.labels import labelling
    from kerasgan.data.sources import is_named, open_source, same_source

    data = recipe.data
    source = data.source if source is None else source
    if own is None:
        own = same_source(source, data.source)
    options = {}
    if own and data.hold_out is not None:
        if split in (None, HELD_OUT, data.split):
            held_out = split != data.split
            options = {"hold_out": data.hold_out, "held_out": held_out}
            split = data.split
    elif own and split == HELD_OUT:
        raise ValueError(
            "Expected a training that held images out (train --hold-out 5%). "
            f"Received: split={split}, source={source}"
        )
    source = open_source(source, split, data_dir)
    # The crop of a data set by its name was chosen for it.
    chosen = str(source) == data.source and is_named(data.source)
    if data.crop is not None and not chosen:
        side = shorter_side(source)
        if side is not None and 2 * data.crop < side:
            warnings.warn(
                f"the recipe of {recipe.name} uses the middle {data.crop}x"
                f"{data.crop} pixels of each image, less than half of the "
                f"shorter side of those in {source} ({side:.0f} pixels): scale "
                "them down before, or train with --crop none",
                stacklevel=2,
            )
    if data.classes is not None and labels:
        options["labels"] = data.classes
        if not own:
            try:
                labelling(source, data.classes)
            except ValueError as error:
                del options["labels"]
                text = str(error).partition(" Received")[0]
                warnings.warn(
                    f"{text} They are used without labels", stacklevel=2
                )
    return prepare(
        source,
        split=split,
        **options,
        image_size=data.image_size,
        crop=data.crop,
        resize=data.resize,
        background=data.background,
        data_dir=data_dir,
    )
