"""Batches as a pure function of the seed and the step."""

import operator

import numpy as np

from kerasgan.utils.typing import Any


class Batches:
    """Draws batches of images, each a pure function of `(seed, step)`.

    Epoch after epoch, each with a fresh permutation of all images; the images
    left over at the end of an epoch (fewer than a batch) sit it out. A training
    that is resumed at some step sees exactly the batches that it would have
    seen, on any version of numpy: only the raw bits of PCG64, which numpy
    promises never to change, are used.

    Args:
        images: `PreparedImages`, whose labels are drawn with them, or a uint8
            array `[N, height, width, channels]`. A memory-mapped one is not
            read as a whole.
        batch_size: images in a batch, at least 1 and at most N.
        flip: whether to mirror each image, left to right, with probability 1/2.
        shuffle: whether to permute the images; otherwise they come in order.
        seed: any integer.
        part: `(index, count)` of several processes, count at least 1 and index
            from 0 on, of which each draws its own equal part of the rows of
            every batch. Defaults to `(0, 1)`.

    Raises:
        ValueError: `images` is not such an array, or smaller than one batch, or
            the processes cannot have equal parts.
    """

    def __init__(
        self,
        images: Any,
        batch_size: int,
        flip: bool = True,
        shuffle: bool = True,
        seed: int = 0,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        # A plain view: slicing np.memmap costs more than copying the pixels.
        array = np.asarray(getattr(images, "images", images))
        if array.ndim != 4 or array.dtype != np.uint8:
            raise ValueError(
                "Expected PreparedImages or a uint8 array of shape "
                f"[N, height, width, channels]. Received: images={array.dtype} "
                f"array of shape {array.shape}"
            )
        self.batch_size = operator.index(batch_size)
        if not 1 <= self.batch_size <= len(array):
            raise ValueError(
                "Expected a batch size from 1 to the number of images, "
                f"{len(array)}. Received: batch_size={batch_size}"
            )
        index, count = part
        if self.batch_size % count:
            raise ValueError(
                f"{count} processes have equal parts of each batch: its size "
                f"must be a multiple of {count}. "
                f"Received: batch_size={batch_size}"
            )
        self._rows = self.batch_size // count
        self._first = index * self._rows
        self.images = array
        self.labels = getattr(images, "labels", None)
        self.classes = getattr(images, "classes", None)
        self.flip = flip
        self.shuffle = shuffle
        self.seed = operator.index(seed)
        self._epoch = (None, None, None)

    @property
    def shape(self) -> tuple[int, ...]:
        """`(rows, height, width, channels)`, of `batch_size` or a part of it."""
        return (self._rows, *self.images.shape[1:])

    @property
    def steps_per_epoch(self) -> int:
        """The number of whole batches in one pass over the images."""
        return len(self.images) // self.batch_size

    def batch(self, step: int) -> Any:
        """Returns the batch of a step.

        Args:
            step: counted from the first step of the training, at least 0.

        Returns:
            uint8 array `[batch_size, height, width, channels]`; with labels a
            tuple of it and their labels, int32 `[batch_size]`.
        """
        rows, flips = self.choice(step)
        # A copy, never the images themselves.
        batch = self.images[rows]
        if flips is not None:
            flipped = np.flatnonzero(flips)
            batch[flipped] = batch[flipped, :, ::-1]
        return batch if self.labels is None else (batch, self.labels[rows])

    def choice(self, step: int) -> Any:
        """Returns which images a batch has.

        Args:
            step: as of `batch`.

        Returns:
            `(rows, flips)`: int64 `[batch_size]`, the places of the images, and
            bool `[batch_size]`, whether each is mirrored, or None without
            `flip`.
        """
        step = operator.index(step)
        if step < 0:
            raise ValueError(f"Expected a step >= 0. Received: step={step}")
        epoch, position = divmod(step, self.steps_per_epoch)
        order, flips = self._draws(epoch)
        first = position * self.batch_size + self._first
        rows = np.arange(first, first + self._rows)
        flips = None if flips is None else flips[rows]
        return (rows if order is None else order[rows]), flips

    def stream(self, start_step: int = 0) -> Any:
        """Returns endless batches for `model.fit(..., steps_per_epoch=...)`.

        Args:
            start_step: the step of the first batch, at least 0.

        Returns:
            float32 batches `[batch_size, height, width, channels]` on [-1, 1],
            or with labels tuples of these and int32 `[batch_size]`: a
            `tf.data.Dataset` on the TensorFlow backend, otherwise a
            `keras.utils.PyDataset`. Batches are made ahead in a thread.
        """
        return _streams().endless(self, start_step)

    def epochs(self) -> Any:
        """Returns batches for `model.fit(...)`, one epoch in each pass.

        Returns:
            As of `stream`, but of a known length of `steps_per_epoch`. Each pass
            is the next epoch of the same seed; in the `fit` of a
            `kerasgan.gans` model the first one starts at the model's own step,
            so that a resumed training sees the same batches.
        """
        return _streams().epochs(self)

    def _draws(self, epoch):
        """Draws the order and the flips, or None, of all images in an epoch."""
        # Read and replaced as a whole, for threads that use this object.
        cached, order, flips = self._epoch
        if cached != epoch:
            count = len(self.images)
            # SeedSequence takes no negative numbers.
            entropy = np.random.SeedSequence(
                self.seed & (2**64 - 1), spawn_key=(epoch,)
            )
            for_order, for_flips = map(np.random.PCG64, entropy.spawn(2))
            order = flips = None
            if self.shuffle:
                order = np.argsort(for_order.random_raw(count), kind="stable")
            if self.flip:
                flips = for_flips.random_raw(count) >> np.uint64(63) == 1
            self._epoch = (epoch, order, flips)
        return order, flips


def _streams():
    import keras

    if keras.backend.backend() == "tensorflow":
        from kerasgan.data import streams_tensorflow as streams
    else:
        from kerasgan.data import streams_keras as streams
    return streams
