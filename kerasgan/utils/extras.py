"""Packages that only some features need: the extras of `setup.cfg`."""

import importlib
import importlib.metadata
import importlib.util
import re


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
        line = _line(package, extra, purpose)
        raise ValueError(f"{line}{reason}") from error


def check_installed(module, extra, purpose):
    """Raises as `require` without the import, which may take seconds."""
    if importlib.util.find_spec(module) is None:
        raise ValueError(_line(module, extra, purpose))


def _line(package, extra, purpose):
    """Returns the message, with a command that works for every installation.

    `pip install 'kerasgan[extra]'` would look for kerasgan in an index.
    """
    try:
        requirements = importlib.metadata.requires("kerasgan") or ()
    except importlib.metadata.PackageNotFoundError:
        requirements = ()
    packages = [
        requirement.partition(";")[0].strip()
        for requirement in requirements
        if re.search(rf"extra == .{re.escape(extra)}.$", requirement)
    ]
    listed = " ".join(f"'{text}'" for text in packages or [package])
    return f"{purpose} needs the package {package}: pip install {listed}"
