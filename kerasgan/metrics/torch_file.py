"""Arrays in a file of `torch.save`, without torch and without running its pickle."""

import importlib
import io
import pickle
import zipfile

# What a pickle of arrays names. All else, such as code, is not found.
_NAMES = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
}
ENDINGS = (".pt", ".pth")


def read_arrays(path):
    """Returns the dict of NumPy arrays that torch-fidelity writes.

    Raises:
        OSError, ValueError, KeyError: it is something else, or damaged.
    """
    with zipfile.ZipFile(path) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith("data.pkl")]
        content = archive.read(name)
    try:
        arrays = _Arrays(io.BytesIO(content)).load()
    # A damaged pickle raises nearly anything.
    except Exception as error:
        raise ValueError(f"not a dict of arrays: {error}") from error
    if not isinstance(arrays, dict):
        raise ValueError("not a dict of arrays")
    return arrays


class _Arrays(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) == ("_codecs", "encode"):
            # Of bytes, which protocol 2 writes as text.
            return lambda text, _: text.encode("latin1")
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"{module}.{name}")
        module = module.replace("numpy.core", "numpy._core")
        return getattr(importlib.import_module(module), name)

    def persistent_load(self, pid):
        raise pickle.UnpicklingError("a tensor")
