"""Packages that import what they export when it is first used.

Tables of names are next to the code that they name: reading one must not
import Keras, which importing its package would.
"""

import importlib
import sys
import types

from kerasgan.utils.backend import check_backend


def export(package, sources):
    """Let a package import its names on demand.

    Args:
        package: the package's `__name__`.
        sources: name -> the module that has it, or a function that returns it.

    Returns:
        The package's `__all__`.
    """
    module = sys.modules[package]
    module.__class__ = _Package
    vars(module)["_sources"] = sources
    return sorted(sources)


class _Package(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(
                f"module {self.__name__!r} has no attribute {name!r}"
            )
        source = self._sources.get(name)
        if source is None:
            # A module of the package, which nobody has imported yet.
            path = f"{self.__name__}.{name}"
            try:
                return importlib.import_module(path)
            except ModuleNotFoundError as error:
                if error.name != path:
                    raise
            raise AttributeError(
                f"module {self.__name__!r} has no attribute {name!r}"
            )
        check_backend()
        if callable(source):
            value = source()
        else:
            value = getattr(importlib.import_module(source), name)
        vars(self)[name] = value
        return value

    def __setattr__(self, name, value):
        # Python sets each imported module of a package as its attribute, which
        # must not hide a function of the same name.
        if not isinstance(value, types.ModuleType) or name not in self._sources:
            super().__setattr__(name, value)

    def __dir__(self):
        return sorted({*vars(self), *self._sources})
