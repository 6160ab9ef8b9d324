"""Files of feature statistics: ours, and those with `mu` and `sigma`."""

import json
import zipfile

import numpy as np

from kerasgan._version import __version__
from kerasgan.metrics import torch_file
from kerasgan.metrics.arrays import blocks
from kerasgan.utils.files import atomic_write

_FORMAT = "kerasgan feature statistics, version 1"
# What reading another file, or a damaged one, raises.
_DAMAGES = (
    *(AttributeError, EOFError, KeyError, OSError, TypeError, ValueError),
    zipfile.BadZipFile,
)


def write(path, count, mean, scatter, protocol):
    """Writes an `.npz` file, whole or not at all."""
    protocol = protocol | {"format": _FORMAT, "kerasgan": __version__}
    with atomic_write(path) as file:
        np.savez(
            file,
            count=np.int64(count),
            mean=mean,
            scatter=scatter,
            protocol=json.dumps(protocol),
        )


def read(path):
    """Returns the arrays of a valid file, and what it says of its protocol.

    Raises:
        FileNotFoundError: there is no file.
        ValueError: it is something else, or damaged.
    """
    wrong = f"`path` must be a file of feature statistics. Received: path={str(path)!r}"
    try:
        if str(path).lower().endswith(torch_file.ENDINGS):
            return _read_mu_sigma(torch_file.read_arrays(path), wrong)
        with open(path, "rb") as stream, np.load(stream) as file:
            if "protocol" not in file.files:
                return _read_mu_sigma(file, wrong)
            arrays = {name: file[name] for name in file.files}
        protocol = json.loads(str(arrays["protocol"]))
        dimension = protocol["dimension"]
        shapes = {
            "mean": (dimension,),
            "scatter": (dimension, dimension),
            "count": (),
        }
    except FileNotFoundError:
        raise
    except _DAMAGES:
        raise ValueError(wrong) from None
    if protocol.get("format") != _FORMAT:
        raise ValueError(f"{wrong}, format={protocol.get('format')!r}")
    _check(arrays, shapes, wrong)
    return arrays, protocol | {"count": int(arrays["count"])}


def _read_mu_sigma(file, wrong):
    """Returns the same of a file that holds only mean and covariance."""
    arrays = {
        "mean": np.asarray(file["mu"], "float64"),
        "scatter": np.asarray(file["sigma"], "float64"),
    }
    size = arrays["mean"].size
    _check(arrays, {"mean": (size,), "scatter": (size, size)}, wrong)
    if not np.allclose(arrays["scatter"], arrays["scatter"].T):
        raise ValueError(f"{wrong}, sigma=not symmetric")
    return arrays, {"dimension": size}


def _check(arrays, shapes, wrong):
    for name, shape in shapes.items():
        if name not in arrays or arrays[name].shape != shape:
            raise ValueError(wrong)
        for block in blocks(len(arrays[name]) if shape else 0):
            if not np.isfinite(arrays[name][block]).all():
                raise ValueError(f"{wrong}, {name}=not finite")
