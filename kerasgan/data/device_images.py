"""Images in the memory of an accelerator, and batches made of them there (JAX)."""

import weakref

import jax
import jax.numpy as jnp
import keras
import numpy as np

from kerasgan.data.floats import to_float
from kerasgan.utils.typing import Any

# Of the device's memory; networks and their activations need the rest.
LARGEST_PART = 0.25


def fits(batches):
    """Returns whether the images of batches should lie on JAX's device.

    That is an accelerator of one process, not on a CPU, whose memory is the
    host's, nor where `keras.distribution` splits batches.

    Args:
        batches: `kerasgan.data.Batches`.
    """
    device = jax.local_devices()[0]
    if device.platform == "cpu":
        return False
    if jax.process_count() > 1 or keras.distribution.distribution():
        return False
    memory = (device.memory_stats() or {}).get("bytes_limit", 0)
    return batches.images.nbytes <= LARGEST_PART * memory


# `Batches` -> its `DeviceImages`: those of one training are sent once.
_sent: "weakref.WeakKeyDictionary[Any, DeviceImages]" = (
    weakref.WeakKeyDictionary()
)


def batch(batches, step):
    """Returns a batch as of `Batches.stream`, always as a tuple, on the device.

    Keras takes no other array than numpy's for a batch of its own.

    Args:
        batches: `kerasgan.data.Batches`.
        step: as of `Batches.batch`.
    """
    if batches not in _sent:
        _sent[batches] = DeviceImages(batches.images)
    rows, flips = batches.choice(step)
    images = _sent[batches].choose(rows, flips)
    labels = batches.labels
    return (images,) if labels is None else (images, labels[rows])


class DeviceImages:
    """Holds images on the device, and chooses from them there.

    A step sends the device the places of its images, not the images.

    Args:
        images: uint8 array `[N, height, width, channels]`.
    """

    def __init__(self, images):
        self._images = jax.device_put(images)
        # Of a table the numbers are the host's on any device; compilers
        # replace a division by a product that rounds differently.
        self._levels = jax.device_put(to_float(np.arange(256, dtype=np.uint8)))

    def choose(self, rows, flips):
        """Returns images as floats on [-1, 1]; arguments as `Batches.choice`."""
        return _gather(self._images, self._levels, rows, flips)


@jax.jit
def _gather(images, levels, rows, flips):
    chosen = images[rows]
    if flips is not None:
        mirrored = flips[:, None, None, None]
        chosen = jnp.where(mirrored, chosen[:, :, ::-1], chosen)
    return levels[chosen]
