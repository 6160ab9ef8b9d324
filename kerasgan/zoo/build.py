"""From a recipe to Keras objects and pictures."""

import importlib


def build_networks(recipe):
    """Make the networks of a recipe, with fresh weights.

    They follow the global dtype policy.

    Args:
        recipe: a `Recipe`.

    Returns:
        `(generator, discriminator)`, Keras models.
    """
    # Only here: reading recipes does not import Keras.
    architectures = importlib.import_module("kerasgan.architectures")
    arguments = recipe.architecture.model_dump()
    return getattr(architectures, arguments.pop("kind"))(**arguments)


def build_optimizer(settings):
    """Make the Keras optimizer of a recipe's `generator_optimizer` or the like.

    Args:
        settings: a section of a recipe, such as
            `recipe.training.generator_optimizer`.
    """
    import keras

    classes = {
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    arguments = settings.model_dump()
    return classes[arguments.pop("name")](**arguments)


def prepare_pictures(recipe, source, split, data_dir=None):
    """Prepare pictures as a recipe cuts and resizes them.

    Args:
        recipe: a `Recipe`.
        source: where they come from, as of `kerasgan.data.prepare`.
        split: split of the source.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.

    Returns:
        `kerasgan.data.PreparedImages`.
    """
    from kerasgan.data import prepare

    return prepare(
        source,
        split=split,
        image_size=recipe.data.image_size,
        crop=recipe.data.crop,
        resize=recipe.data.resize,
        data_dir=data_dir,
    )
