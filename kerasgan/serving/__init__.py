"""From a trained generator to TensorFlow Serving.

Each name is imported at its first use: a client needs no Keras (and over REST no
TensorFlow), and TensorFlow is imported when something is exported, not before.
"""

import importlib
from typing import TYPE_CHECKING

from kerasgan.utils.moved import at_old_path

_NAMES = {
    "Client": "kerasgan.serving.client",
    "ServingError": "kerasgan.serving.client",
    "export": "kerasgan.serving.exports.exporting",
    "export_file": "kerasgan.serving.exports.file_export",
    "fold": "kerasgan.serving.exports.folding",
    "write_configuration": "kerasgan.serving.tf_serving.configuration",
}

__all__ = [*_NAMES]


if TYPE_CHECKING:
    from kerasgan.serving.client import (
        Client as Client,
        ServingError as ServingError,
    )
    from kerasgan.serving.exports.exporting import export as export
    from kerasgan.serving.exports.file_export import export_file as export_file
    from kerasgan.serving.exports.folding import fold as fold
    from kerasgan.serving.tf_serving.configuration import (
        write_configuration as write_configuration,
    )
else:

    def __getattr__(name):
        if name in _NAMES:
            return getattr(importlib.import_module(_NAMES[name]), name)
        return at_old_path(__name__, name)


def __dir__():
    return sorted(__all__)
