"""Images from TensorFlow Datasets, a folder, a zip or an array, as batches."""

from kerasgan.data.batches import Batches
from kerasgan.data.cache import PreparedImages
from kerasgan.data.loading import load
from kerasgan.data.preparation import prepare

__all__ = ["Batches", "PreparedImages", "load", "prepare"]
