"""kerasgan: a GAN model zoo for Keras 3 and TensorFlow."""

import importlib
from typing import TYPE_CHECKING

from kerasgan._version import __version__
from kerasgan.registration import register
from kerasgan.utils.moved import at_old_path, keep_old_paths

# Subpackages and functions are imported at their first use: `import kerasgan`
# must cost next to nothing compared with `import keras`.
_SUBPACKAGES = (
    "architectures",
    "callbacks",
    "data",
    "evaluation",
    "gans",
    "layers",
    "metrics",
    "optimizers",
    "recipes",
    "sampling",
    "serving",
    "training",
    "zoo",
)
_FUNCTIONS = {
    "sample": "kerasgan.sampling",
    "interpolate": "kerasgan.sampling",
    "directions": "kerasgan.sampling",
    "grid": "kerasgan.utils.image_grids",
}

__all__ = ["__version__", *_SUBPACKAGES, *_FUNCTIONS]


if TYPE_CHECKING:
    from kerasgan import (
        architectures as architectures,
        callbacks as callbacks,
        data as data,
        evaluation as evaluation,
        gans as gans,
        layers as layers,
        metrics as metrics,
        optimizers as optimizers,
        recipes as recipes,
        sampling as sampling,
        serving as serving,
        training as training,
        zoo as zoo,
    )
    from kerasgan.sampling import (
        directions as directions,
        interpolate as interpolate,
        sample as sample,
    )
    from kerasgan.utils.image_grids import grid as grid
else:

    def __getattr__(name):
        if name in _SUBPACKAGES:
            return importlib.import_module(f"kerasgan.{name}")
        if name in _FUNCTIONS:
            return getattr(importlib.import_module(_FUNCTIONS[name]), name)
        return at_old_path("kerasgan", name)


def __dir__():
    return sorted(__all__)


register()
keep_old_paths()
