"""The weights of a GAN's networks as files that `kerasgan.zoo.load` takes."""

from kerasgan.utils.files import atomic_write, sha256, sha256_of, write_file
from kerasgan.utils.finite import first_not_finite
from kerasgan.utils.private_names import weights_file


def save_networks(gan, folder):
    """Write `generator.weights.h5`, `discriminator.weights.h5` and their sums.

    The generator is the averaged one, if one is kept.

    Args:
        gan: a `kerasgan.gans.GAN`.
        folder: `pathlib.Path` of an existing folder.
    """
    write_networks(
        gan.ema_generator or gan.generator, gan.discriminator, folder
    )


def write_networks(generator, discriminator, folder):
    """Write what `save_networks` does, of two models.

    Each file is written atomically. Until both are, `SHA256SUMS` has a line
    each for the old and the new one: whenever the process ends, the files that
    are there are known.

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
    write_files(
        {name: weights_file(it) for name, it in networks.items()}, folder
    )


def write_files(contents, folder):
    """Write files of weights and their sums, as `write_networks` does.

    Args:
        contents: name -> bytes of each file.
        folder: `pathlib.Path` of an existing folder.
    """
    new = [(sha256_of(content), name) for name, content in contents.items()]
    old = [
        (sha256(folder / name), name)
        for name in contents
        if (folder / name).exists()
    ]
    _write_sums(folder, [*old, *new])
    for name, content in contents.items():
        write_file(folder / name, content)
    _write_sums(folder, new)


def save_weights(model, path, announce):
    """Write a model's weights atomically.

    Args:
        model: a `keras.Model`.
        path: `pathlib.Path` of the file.
        announce: a function that is called with the file's SHA-256 before it
            takes the place of an older one.
    """
    content = weights_file(model)
    announce(sha256_of(content))
    write_file(path, content)


def _write_sums(folder, pairs):
    with atomic_write(folder / "SHA256SUMS", "w") as file:
        for digest, name in dict.fromkeys(pairs):
            file.write(f"{digest}  {name}\n")
