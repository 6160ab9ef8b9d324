"""Images in the memory of an accelerator, and batches made of them there (JAX)."""

import jax
import jax.numpy as jnp
import keras
import numpy as np

from kerasgan.data.floats import to_float

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


class DeviceImages:
    """Makes the float batches of `Batches` on the device.

    A step sends the device the places of its images, not the images.

    Args:
        batches: `kerasgan.data.Batches`.
    """

    def __init__(self, batches):
        self._batches = batches
        self._images = jax.device_put(batches.images)
        # Of a table the numbers are the host's on any device; compilers
        # replace a division by a product that rounds differently.
        self._levels = jax.device_put(to_float(np.arange(256, dtype=np.uint8)))

    def batch(self, step):
        """Returns a batch as of `Batches.stream`, always as a tuple.

        Keras takes no other array than numpy's for a batch of its own.

        Args:
            step: as of `Batches.batch`.
        """
        rows, flips = self._batches.choice(step)
        images = _gather(self._images, self._levels, rows, flips)
        labels = self._batches.labels
        return (images,) if labels is None else (images, labels[rows])


@jax.jit
def _gather(images, levels, rows, flips):
    chosen = images[rows]
    if flips is not None:
        mirrored = flips[:, None, None, None]
        chosen = jnp.where(mirrored, chosen[:, :, ::-1], chosen)
    return levels[chosen]
