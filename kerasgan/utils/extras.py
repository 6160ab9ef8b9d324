"""Packages that are installed on demand: the extras of `setup.cfg`."""

import importlib
from types import ModuleType


def require(module: str, extra: str) -> ModuleType:
    """Imports a module of an optional package.

    Args:
        module: its name.
        extra: that of the extra of kerasgan that installs the package.

    Raises:
        ValueError: it is not installed; the line says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != module.partition(".")[0]:
            raise
        raise ValueError(
            f"{error.name} is not installed: pip install 'kerasgan[{extra}]'"
        ) from None
