"""Optional packages, which an extra of `setup.cfg` installs."""

import importlib.util


def check_installed(extra: str, *modules: str) -> None:
    """Checks that the modules of an extra can be imported.

    Args:
        extra: its name in `setup.cfg`.
        *modules: what will be imported.

    Raises:
        ValueError: one is not installed; the line says how to install it.
    """
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise ValueError(
                f"{module} is not installed: pip install 'kerasgan[{extra}]'"
            )
