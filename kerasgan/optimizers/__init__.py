"""Learning-rate schedules, and the named settings of papers."""

import importlib

# `PRESETS` is read where Keras is not needed: what needs it is imported at its
# first use.
from kerasgan.optimizers.presets import PRESETS

_MODULES = {
    "Delay": "delay",
    "Preset": "lookup",
    "WarmUp": "warm_up",
    "preset": "lookup",
}

__all__ = ["PRESETS", *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        module = importlib.import_module(f"{__name__}.{_MODULES[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
