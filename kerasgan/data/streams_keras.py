"""Batches as a keras.utils.PyDataset, for the other backends."""

import concurrent.futures
import functools
import threading

import keras

from kerasgan.data.floats import to_float
from kerasgan.data.position import Position

# Batches made ahead.
AHEAD = 4


def endless(batches, start_step=0):
    """Streams batches: see `Batches.stream`."""
    return _Endless(batches, start_step)


def epochs(batches):
    """Streams the batches of epochs: see `Batches.epochs`."""
    return _Epochs(batches)


class _Ahead:
    """Prefetches the batches that follow the requested one, in a thread.

    On an accelerator of JAX they are made there, if the images fit.
    """

    def __init__(self, batches):
        self.make = functools.partial(_float_batch, batches)
        if keras.backend.backend() == "jax":
            from kerasgan.data import device_images

            if device_images.fits(batches):
                self.make = functools.partial(device_images.batch, batches)
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.lock = threading.Lock()
        self.made = {}

    def get(self, step):
        with self.lock:
            wanted = range(step, step + 1 + AHEAD)
            self.made = {
                s: self.made.get(s) or self.pool.submit(self.make, s)
                for s in wanted
            }
            future = self.made[step]
        return future.result()


def _float_batch(batches, step):
    batch = batches.batch(step)
    if isinstance(batch, tuple):
        images, labels = batch
        return to_float(images), labels
    return to_float(batch)


class _Endless(keras.utils.PyDataset):
    def __init__(self, batches, start_step):
        # Keras's own threads would stop and start at each epoch.
        super().__init__(workers=1)
        self.real_shape = batches.shape
        self.real_classes = batches.classes
        self.start_step = start_step
        self.ahead = _Ahead(batches)

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        return self.ahead.get(self.start_step + index)


class _Epochs(keras.utils.PyDataset):
    """Each request gets the next batch, whatever its index.

    `fit` asks for the indices in an order of its own (`shuffle=True` is its
    default, and draws from Python's unseeded generator); in this way the
    batches still come in the order that the seed gives.
    """

    def __init__(self, batches):
        super().__init__(workers=1)
        self.real_shape = batches.shape
        self.real_classes = batches.classes
        self.steps = batches.steps_per_epoch
        self.ahead = _Ahead(batches)
        self.lock = threading.Lock()
        self.position = Position()

    @property
    def num_batches(self):
        return self.steps

    def __len__(self):
        return self.steps

    def on_epoch_begin(self):
        # Later, inside of an epoch, Keras keeps the GAN's step elsewhere.
        self.position.take(0)

    def __getitem__(self, index):
        if not 0 <= index < self.steps:
            raise IndexError(
                f"Expected an index below {self.steps}. Received: index={index}"
            )
        with self.lock:
            step = self.position.take(1)
        return self.ahead.get(step)
