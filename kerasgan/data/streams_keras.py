"""Batches as a keras.utils.PyDataset, for the other backends."""

import concurrent.futures
import threading

import keras
import numpy as np

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
    """Prefetches the batches that follow the requested one, in a thread."""

    def __init__(self, batches):
        self.batches = batches
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.lock = threading.Lock()
        self.made = {}

    def get(self, step):
        with self.lock:
            wanted = range(step, step + 1 + AHEAD)
            self.made = {
                s: self.made.get(s) or self.pool.submit(self._make, s)
                for s in wanted
            }
            future = self.made[step]
        return future.result()

    def _make(self, step):
        batch = self.batches.batch(step)
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


def to_float(batch):
    """Converts uint8 to float32 on [-1, 1], as x / 127.5 - 1."""
    floats = batch.astype(np.float32)
    floats /= np.float32(127.5)
    floats -= np.float32(1)
    return floats
