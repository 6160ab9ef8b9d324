"""A client of TensorFlow Serving and of the local server."""

from kerasgan.serving.client.client import Client
from kerasgan.serving.client.error import ServingError

__all__ = ["Client", "ServingError"]
