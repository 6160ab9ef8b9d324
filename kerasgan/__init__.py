"""kerasgan: a GAN model zoo for Keras 3 and TensorFlow."""

import importlib

from kerasgan._version import __version__
from kerasgan.registration import register

# Subpackages and functions are imported at their first use: `import kerasgan`
# must cost next to nothing beside `import keras`.
_SUBPACKAGES = (
    "architectures",
    "callbacks",
    "data",
    "gans",
    "layers",
    "metrics",
    "optimizers",
    "sampling",
    "serving",
    "zoo",
)
_FUNCTIONS = {
    "sample": "kerasgan.sampling",
    "interpolate": "kerasgan.sampling",
}

__all__ = ["__version__", *_SUBPACKAGES, *_FUNCTIONS]


def __getattr__(name):
    if name in _SUBPACKAGES:
        return importlib.import_module(f"kerasgan.{name}")
    if name in _FUNCTIONS:
        return getattr(importlib.import_module(_FUNCTIONS[name]), name)
    raise AttributeError(f"module 'kerasgan' has no attribute '{name}'")


def __dir__():
    return sorted(__all__)


register()
