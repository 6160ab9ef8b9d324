"""From a trained generator to TensorFlow Serving.

Each name is imported at its first use: a client needs no Keras (and over REST no
TensorFlow), and TensorFlow is imported when something is exported, not before.
"""

import importlib

_NAMES = {
    "Client": "kerasgan.serving.client",
    "ServingError": "kerasgan.serving.client",
    "export": "kerasgan.serving.exporting",
    "export_file": "kerasgan.serving.file_export",
    "fold": "kerasgan.serving.folding",
    "write_configuration": "kerasgan.serving.configuration",
}

__all__ = [*_NAMES]


def __getattr__(name):
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'kerasgan.serving' has no attribute '{name}'")


def __dir__():
    return sorted(__all__)
