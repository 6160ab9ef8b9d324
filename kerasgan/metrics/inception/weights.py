"""Weights of the Inception network, from an `.npz` into the model."""

import functools
import os
import zipfile
from pathlib import Path

import numpy as np

from kerasgan.data.cache import default_folder
from kerasgan.metrics.inception.network import check_features, inception
from kerasgan.utils.files import sha256

VARIABLE = "KERASGAN_INCEPTION"
HOW_TO_GET = (
    "kerasgan.metrics.convert_inception() downloads inception-2015-12-05.tgz "
    "from download.tensorflow.org and makes the whole file of it, or of a copy"
)


def default_weights():
    """Returns the default path of the converted weights.

    Returns:
        `pathlib.Path` of `inception/inception-2015-12-05.npz` in
        `$KERASGAN_CACHE`, or else in the cache of `kerasgan.data`.
    """
    return default_folder().parent / "inception" / "inception-2015-12-05.npz"


def find_weights(weights=None):
    """Returns the file of weights to use.

    Args:
        weights: its path, or `None` for the environment variable
            `KERASGAN_INCEPTION`, or else the file in the cache that
            `convert_inception()` makes.

    Returns:
        `pathlib.Path` of a file that is there.

    Raises:
        FileNotFoundError: it is not. The message explains how to get it.
    """
    named = weights or os.environ.get(VARIABLE)
    path = Path(named).expanduser() if named else default_weights()
    if not path.is_file():
        received = (
            f"weights={str(weights)!r}"
            if weights
            else f"weights=None, {VARIABLE}={os.environ.get(VARIABLE)!r}, "
            f"and no {default_weights()}"
        )
        raise FileNotFoundError(
            "Expected the .npz of the Inception weights as `weights`, in the "
            f"environment variable {VARIABLE}, or in the cache. {HOW_TO_GET}. "
            f"Received: {received}"
        )
    return path


def load_inception(features="mixed_7", weights=None):
    """Loads the Inception network with its weights.

    The last two are kept, so that the same file is read
    and the network compiled only once.

    Args:
        features: see `inception`.
        weights: path of an `.npz`: `<layer>/kernel` `[height, width, in, out]`
            and `<layer>/bias` `[out]` of each convolution, `logits/kernel`
            `[in, out]`, float16 or float32. Layers behind the one that is asked
            for may be missing. `None` as in `find_weights`.

    Returns:
        `(model, digest)`: see `inception`, and the file's SHA-256.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is none of this kind, or lacks a layer. The message
            says which, and where to get it.
    """
    check_features(features)
    path = find_weights(weights).resolve()
    status = path.stat()
    return _load(features, path, status.st_size, status.st_mtime_ns)


def last_features(weights=None):
    """Returns which features a file of weights reaches: `"pool"`, or `"mixed_7"`.

    Args:
        weights: as of `load_inception`.

    Raises:
        FileNotFoundError: there is no such file.
    """
    try:
        load_inception("pool", weights)
    except ValueError:
        return "mixed_7"
    return "pool"


@functools.lru_cache(maxsize=2)
def _load(features, path, size, modified):
    # NumPy leaves a damaged file open.
    with open(path, "rb") as stream:
        file = _archive(stream, path)
        model = inception(features)
        _check_complete(model, features, file, path)
        for name, variable in _variables(model):
            variable.assign(_checked(file[name], name, variable.shape, path))
    return model, sha256(path)


def _archive(stream, path):
    try:
        file = np.load(stream, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("an array, not an archive of arrays")
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"Expected an .npz of the Inception weights. {HOW_TO_GET}. "
            f"Received: weights={str(path)!r}"
        ) from error
    return file


def _variables(model):
    """Yields `("<layer>/kernel", variable)` of each weight."""
    for layer in model.layers:
        for variable in layer.weights:
            yield f"{layer.name}/{variable.name}", variable


def _check_complete(model, features, file, path):
    missing = [name for name, _ in _variables(model) if name not in file]
    if missing:
        more = f" and {len(missing) - 1} more arrays" if missing[1:] else ""
        raise ValueError(
            f"The features {features!r} need {missing[0]!r}{more}, which this "
            f"file lacks: it ends before. {HOW_TO_GET}. "
            f"Received: weights={str(path)!r}"
        )


def _checked(array, name, shape, path):
    if array.shape != tuple(shape) or array.dtype.kind != "f":
        raise ValueError(
            f"Expected floats of shape {tuple(shape)} as {name!r}. "
            f"Received: {array.dtype} {array.shape} in weights={str(path)!r}"
        )
    return array.astype(np.float32)
