"""The weights of a GAN's networks as files that `kerasgan.zoo.load` takes."""

import os

from kerasgan.utils.files import atomic_write, sha256
from kerasgan.utils.finite import first_not_finite


def save_networks(gan, folder):
    """Write `generator.weights.h5`, `discriminator.weights.h5` and their sums.

    The generator is the averaged one, where one is kept.

    Args:
        gan: a `kerasgan.gans.GAN`.
        folder: `pathlib.Path` of an existing folder.
    """
    write_networks(
        gan.ema_generator or gan.generator, gan.discriminator, folder
    )


def write_networks(generator, discriminator, folder):
    """Write what `save_networks` does, of two models.

    Each file is written atomically, `SHA256SUMS` last.

    Args:
        generator: a `keras.Model`.
        discriminator: a `keras.Model`.
        folder: `pathlib.Path` of an existing folder.

    Raises:
        FloatingPointError: a weight is not finite.
    """
    networks = {
        "generator.weights.h5": generator,
        "discriminator.weights.h5": discriminator,
    }
    for name, network in networks.items():
        path = first_not_finite(network.variables)
        if path is not None:
            raise FloatingPointError(
                f"{path} is not finite, and {folder / name} was not written"
            )
    for name, network in networks.items():
        save_weights(network, folder / name)
    with atomic_write(folder / "SHA256SUMS", "w") as file:
        for name in networks:
            file.write(f"{sha256(folder / name)}  {name}\n")


def save_weights(model, path, announce=None):
    """Write a model's weights atomically.

    Args:
        model: a `keras.Model`.
        path: `pathlib.Path` of the file.
        announce: `None`, or a function that is called with the file's SHA-256
            before it takes the place of an older one.
    """
    # Keras insists on the ending.
    part = path.with_name(f".part.{path.name}")
    try:
        model.save_weights(part, overwrite=True)
        if announce is not None:
            announce(sha256(part))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
