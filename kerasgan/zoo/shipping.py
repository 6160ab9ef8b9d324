"""From a run to an entry of the zoo, whose weights are stored in float16."""

import io
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np

from kerasgan.utils.typing import PathLike
from kerasgan.zoo.catalogue import TRAINING, WEIGHTS, find
from kerasgan.zoo.pretrained import load_verified, verify

_SAMPLES = 256
_LARGEST = float(np.finfo(np.float16).max)


def ship(run: PathLike, name: str) -> None:
    """Makes the networks of a run those of an entry of the zoo.

    Their files hold float16, half the size; loaded, weights are float32 again.
    What has one dimension (offsets, scales, running statistics) and what
    float16 cannot hold stays float32 in them. A network stays float32 as a
    whole, and a warning says so, if rounding moves a pixel of 256 samples by
    more than one grey level, or a logit of theirs by more than a hundredth of
    the logits' standard deviation.

    Args:
        run: as of `load`: a run directory, or the entry itself, whose weights
            are stored again.
        name: that of the entry.

    Raises:
        ValueError: as of `load`, or `name` is not an entry of the zoo.
    """
    # Keras is not needed to find an entry.
    from kerasgan.callbacks.network_files import write_files

    source, entry = find(run), find(name)
    if not entry.shipped:
        raise ValueError(
            f"Expected an entry of the zoo. Received: name={str(name)!r}"
        )
    recipe = source.recipe()
    verify(source, recipe, "both")
    generator, discriminator = load_verified(source, recipe, "both")
    contents = _contents(generator, discriminator, entry.name)
    if source.is_run:
        shutil.copyfile(source.folder / TRAINING, entry.folder / TRAINING)
    write_files(contents, entry.folder)


def _contents(generator, discriminator, name):
    """Returns the two files' bytes by their names."""
    from kerasgan import sampling
    from kerasgan.utils.networks import with_labels

    labels = sampling.chosen_labels(generator, _SAMPLES)
    latents = sampling.latents(_SAMPLES, sampling.latent_size(generator))
    images = sampling.compiled(generator)(latents, labels)
    inputs = with_labels(images, labels)

    def levels():
        drawn = sampling.compiled(generator)(latents, labels)
        return sampling.to_uint8(drawn).astype(float)

    def logits():
        predicted = discriminator.predict(inputs, batch_size=64, verbose=0)
        return np.asarray(predicted, float)

    return {
        WEIGHTS["generator"]: _content(
            generator, levels, lambda levels: 1.0, "grey levels", name
        ),
        WEIGHTS["discriminator"]: _content(
            discriminator, logits, lambda x: x.std() / 100, "logits", name
        ),
    }


def _content(network, compute, tolerance, unit, name):
    """Returns the bytes of a network's weights, in float16 if that is harmless.

    Args:
        network: a `keras.Model`.
        compute: a function that returns what may not move.
        tolerance: a function of that: by how much it may.
        unit: of both, for the warning.
        name: that of the entry.
    """
    from kerasgan.utils.private_names import weights_file

    content = weights_file(network)
    half, before = _halved(content), compute()
    with tempfile.TemporaryDirectory(prefix="kerasgan-ship-") as folder:
        path = Path(folder, "half.weights.h5")
        path.write_bytes(half)
        network.load_weights(path)
    moved = np.abs(compute() - before).max()
    if moved <= tolerance(before):
        return half
    warnings.warn(
        f"the {network.name} of {name} stays float32: float16 moves its {unit} "
        f"by {moved:.3g}, and {tolerance(before):.3g} are allowed",
        stacklevel=4,
    )
    return content


def _halved(content):
    """Returns a weights file with float16 for float32 where that is harmless.

    Args:
        content: that of an HDF5 file of Keras weights.
    """
    import h5py

    memory = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as old, h5py.File(memory, "w") as new:
        new.attrs.update(old.attrs)

        def copy(path, item):
            if isinstance(item, h5py.Dataset):
                value = item[()]
                made = new.create_dataset(path, data=_rounded(value))
            else:
                made = new.require_group(path)
            made.attrs.update(item.attrs)

        old.visititems(copy)
    return memory.getvalue()


def _rounded(value):
    small = value.ndim < 2 or value.dtype != np.float32
    if small or np.abs(value).max(initial=0) > _LARGEST:
        return value
    return value.astype(np.float16)
