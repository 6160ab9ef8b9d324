"""From a trained generator to TensorFlow Serving.

TensorFlow is imported when something is exported, not before.
"""

from kerasgan.serving.export import export
from kerasgan.serving.fold import fold

__all__ = ["export", "fold"]
