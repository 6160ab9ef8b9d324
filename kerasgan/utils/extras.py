"""Packages that only some features need: the extras of `setup.cfg`."""

import importlib
import importlib.util


def require(module, extra, purpose):
    """Imports a module of an extra.

    Args:
        module: its name, such as `"datasets"`.
        extra: the extra that installs it.
        purpose: what needs it, for the message.

    Returns:
        The module.

    Raises:
        ValueError: it is not installed; the line that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        reason = f": {error}" if error.name != package else ""
        raise ValueError(
            f"{purpose} needs the package {package}: "
            f"pip install 'kerasgan[{extra}]'{reason}"
        ) from error


def check_installed(module, extra, purpose):
    """Raises as `require` without the import, which may take seconds."""
    if importlib.util.find_spec(module) is None:
        raise ValueError(
            f"{purpose} needs the package {module}: "
            f"pip install 'kerasgan[{extra}]'"
        )
