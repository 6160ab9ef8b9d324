"""The check that weights are finite; after a divergence they are not."""

from pathlib import Path

import numpy as np

from kerasgan.utils.typing import Any, PathLike, Sequence


def first_not_finite(variables: Sequence[Any], values: Any = None) -> Any:
    """Returns the path of the first variable that is not finite, or None.

    Args:
        variables: a list of Keras variables.
        values: theirs, if they do not have them yet.
    """
    from keras import ops

    for variable, value in zip(
        variables, variables if values is None else values
    ):
        if not _is_finite(ops.convert_to_numpy(value)):
            return variable.path
    return None


def first_not_finite_in(path: PathLike) -> str | None:
    """Returns the name of the first array of an HDF5 file that is not finite.

    None if there is none, or no such file, or one that cannot be read.
    """
    import h5py

    def name_if_not(name, item):
        if isinstance(item, h5py.Dataset) and not _is_finite(item[()]):
            return name
        return None

    try:
        with h5py.File(path) as file:
            return file.visititems(name_if_not)
    except (OSError, RuntimeError, KeyError):
        return None


def check_saved_model(folder: PathLike) -> None:
    """Rejects a SavedModel with weights that are not finite.

    Raises:
        FloatingPointError: one line that names the first of them.
    """
    import tensorflow as tf

    path = Path(folder, "variables", "variables")
    if not path.with_suffix(".index").is_file():
        # All of it is in the graph.
        return
    reader = tf.train.load_checkpoint(str(path))
    types = reader.get_variable_to_dtype_map()
    for name in sorted(types):
        if types[name].is_floating and not _is_finite(reader.get_tensor(name)):
            raise FloatingPointError(f"{folder}: {name} is not finite")


def _is_finite(array):
    # Half precision formats have no arithmetic in numpy.
    if array.dtype.kind not in "iubf":
        array = array.astype(np.float32)
    return bool(np.isfinite(array).all())
