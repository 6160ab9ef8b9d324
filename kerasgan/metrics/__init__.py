"""What a generator is worth, in numbers."""

from kerasgan.metrics.reconstruction import Reconstruction, reconstruction_error

__all__ = ["Reconstruction", "reconstruction_error"]
