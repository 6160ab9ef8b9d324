"""Images from TensorFlow Datasets, a folder or a zip, as training batches."""

from kerasgan.data.batches import Batches
from kerasgan.data.cache import PreparedImages
from kerasgan.data.loading import load
from kerasgan.data.preparation import prepare

__all__ = ["Batches", "PreparedImages", "load", "prepare"]
