"""Images from folders, archives, arrays and data set libraries, as batches."""

from kerasgan.data.batches import Batches
from kerasgan.data.cache import PreparedImages
from kerasgan.data.loading import load
from kerasgan.data.preparation import prepare

__all__ = ["Batches", "PreparedImages", "load", "prepare"]
