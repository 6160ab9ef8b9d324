"""Images from folders, archives, arrays and data set libraries, as batches."""

from kerasgan.data.batches import Batches
from kerasgan.data.cache import PreparedImages
from kerasgan.data.loading import load
from kerasgan.data.preparation import prepare
from kerasgan.data.shapes import draw_shapes

__all__ = ["Batches", "PreparedImages", "draw_shapes", "load", "prepare"]
