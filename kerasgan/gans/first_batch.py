"""Looks at real data before a GAN trains on it."""

import itertools
import os
import sys
import types
import warnings

import keras
import numpy as np

from kerasgan.gans.real_images import (
    NO_IMAGE,
    check_data,
    check_real,
    check_values,
    short,
)
from kerasgan.gans.real_labels import check_label_values, check_labels
from kerasgan.utils.classes import short_list
from kerasgan.utils.replicas import processes, replicas_of


class FirstBatch:
    """Looks at the first batch of some data, before a step takes it.

    Args:
        gan: a `GAN`; its sizes are kept, not itself.
        training: whether the batch is cut into parts, as in a training.

    Attributes:
        error: what was wrong, where something else may have raised it in other
            words.
    """

    def __init__(self, gan, training=True):
        self.shape = gan.image_shape
        self.conditional = gan.conditional
        self.classes = gan.classes
        self.label_limit = gan.label_limit
        self.discriminator_steps = gan.discriminator_steps if training else 1
        self.gradient_accumulation = (
            gan.gradient_accumulation if training else 1
        )
        self.replicas, self.processes = replicas_of(gan), processes()
        self.error = None

    def of(self, data, rows=32, labels=None, steps=None):
        """Returns the data, in a form that is looked at once `fit` takes from it.

        No batch is lost, and none is drawn twice: the order of a shuffled
        `tf.data.Dataset` and the state of a generator stay as they were.

        Args:
            data: what `fit` takes as `x`. With an attribute `real_shape`,
                `[N, H, W, C]`, it is known to be in [-1, 1].
            rows: of an array, how many are looked at.
            labels: of an array, what `fit` takes as `y`. A conditional GAN's
                are all looked at, also in later batches of other data.
            steps: batches of an array, if not all are taken.

        Raises:
            ValueError: no image, or not such ones as a GAN takes.
        """
        if hasattr(data, "real_shape"):
            known = keras.KerasTensor(data.real_shape)
            check_real(known, self.shape)
            self.check_rows(data.real_shape[0])
            self._check_classes(data)
            self._warn_of_remainder(data.real_shape[0])
        elif hasattr(data, "shape"):
            check_real(data, self.shape)
            if not data.shape[0]:
                raise ValueError(NO_IMAGE)
            self.check_rows(min(rows, data.shape[0]))
            if steps is None and data.shape[0] % rows:
                self.check_rows(data.shape[0] % rows)
            self.see(_on_host(data[:rows]))
            if self.conditional:
                check_labels(labels)
                self.see_labels(_on_host(labels))
        elif isinstance(data, types.GeneratorType):
            first = next(data, None)
            if first is None:
                raise ValueError(NO_IMAGE)
            self(first)
            # Not `yield from`, which would close the generator after `fit`.
            # Keras takes tuples alone, and prints what else it gets.
            return (
                batch if isinstance(batch, tuple) else (batch,)
                for batch in itertools.chain([first], map(self.later, data))
            )
        elif isinstance(data, keras.utils.PyDataset):
            if data.num_batches == 0:
                raise ValueError(NO_IMAGE)
            return _Watched(data, self)
        elif _is_tensorflow_dataset(data):
            return self._of_dataset(data)
        elif isinstance(data, dict):
            check_data(data, self.shape)
        elif data is None or isinstance(data, (list, tuple, str, os.PathLike)):
            pair = isinstance(data, (list, tuple)) and len(data) == 2
            hint = "; labels are the second argument" if pair else ""
            raise ValueError(
                "Expected images [N, H, W, C]: an array, a tf.data.Dataset, a "
                "keras.utils.PyDataset, a generator, or what "
                f"kerasgan.data.load makes of a folder, a zip or TFDS{hint}. "
                f"Received: {short(data)}"
            )
        return data

    def __call__(self, batch):
        """Look at a batch as a generator or a PyDataset gives it."""
        self.see(check_data(batch, self.shape))
        return self.later(batch)

    def later(self, batch):
        """Look at the labels of a batch, and its size; returns the batch."""
        if self.replicas > 1:
            self.check_rows(len(keras.tree.flatten(batch)[0]))
        if self.conditional:
            labels = check_labels(_labels(batch))
            self.see_labels(_on_host(labels))
        return batch

    def see(self, images):
        """Look at the images of a batch; returns True."""
        try:
            values = np.asarray(images)
            check_real(values, self.shape)
            check_values(values)
            self._warn_of_remainder(len(values))
        except Exception as error:
            self.error = error
            raise
        return True

    def see_labels(self, labels):
        """Look at the labels of a batch; returns True."""
        try:
            check_label_values(np.asarray(labels), self.label_limit)
        except Exception as error:
            self.error = error
            raise
        return True

    def check_rows(self, rows):
        """Look at the number of images in a batch; returns True."""
        if self.replicas == 1:
            return True
        parts = 1
        if keras.backend.backend() == "tensorflow":
            # There each device has its rows of every part.
            parts = self.discriminator_steps * self.gradient_accumulation
        share = rows // parts
        if share and not rows % self.replicas and not share % self.replicas:
            return True
        many = f" x {parts} parts" if parts > 1 else ""
        self.error = ValueError(
            f"Each batch is divided equally among {self.replicas} devices: its "
            f"size must be a multiple of {self.replicas * parts} "
            f"({self.replicas} devices{many}), also in the last batch "
            f"(`drop_remainder=True`). Received: a batch of {rows} images"
        )
        raise self.error

    def _check_classes(self, data):
        """Look at what is known of the labels of a `kerasgan.data` stream."""
        if not self.conditional:
            return
        names = data.real_classes
        if names is None:
            check_labels(None)
        known, limit = self.classes, self.label_limit
        if known is None and limit is not None and len(names) > limit:
            raise ValueError(
                "The images must have no more classes than the networks, "
                f"{limit}. Received: {short_list(names)}"
            )
        if known is None or known.names == (*names,):
            return
        if known.named or len(names) > known.count:
            raise ValueError(
                "The images must have the classes of the networks, "
                f"{short_list(known.names)}. Received: {short_list(names)}"
            )

    def _of_dataset(self, dataset):
        import tensorflow as tf

        real = check_data(dataset.element_spec, self.shape)
        if self.conditional:
            check_labels(_labels(dataset.element_spec))
        if int(dataset.cardinality()) == 0:
            raise ValueError(NO_IMAGE)
        if getattr(real.shape, "rank", None) and real.shape[0] is not None:
            self.check_rows(real.shape[0])
        if not isinstance(real, tf.TensorSpec):
            return dataset

        # Within the pipeline: an iterator of its own would change the order of
        # the next one, where each has a fresh order.
        def watch(index, batch):
            images = keras.utils.unpack_x_y_sample_weight(batch)[0]
            seen = [
                tf.cond(
                    tf.equal(index, 0),
                    lambda: tf.numpy_function(self.see, [images], tf.bool),
                    lambda: True,
                )
            ]
            if self.replicas > 1:
                size = [tf.shape(images)[0]]
                seen.append(tf.numpy_function(self.check_rows, size, tf.bool))
            if self.conditional:
                seen.append(
                    tf.numpy_function(
                        self.see_labels, [_labels(batch)], tf.bool
                    )
                )

            # Sizes or a rank that the data set does not tell, the step needs.
            def known(x):
                return tf.ensure_shape(x, self.shape) if x is images else x

            with tf.control_dependencies(seen):
                batch = tf.nest.map_structure(known, batch)
                return tf.nest.map_structure(tf.identity, batch)

        return dataset.enumerate().map(watch)

    def _warn_of_remainder(self, rows):
        """Say it if a batch is not a multiple of its parts."""
        parts = self.discriminator_steps * self.gradient_accumulation
        rows *= self.processes
        share = max(rows // self.discriminator_steps, 1)
        used = max(share // self.gradient_accumulation, 1) * parts
        if used != rows:
            fate = "left out" if used < rows else "used more than once"
            warnings.warn(
                f"a batch of {rows} images is cut into {parts} equal parts "
                f"(discriminator_steps={self.discriminator_steps} x "
                f"gradient_accumulation={self.gradient_accumulation}), and "
                f"some images are {fate}: a batch size that is a multiple of "
                f"{parts} uses each image once",
                stacklevel=2,
            )


class _Watched(keras.utils.PyDataset):
    """A PyDataset whose first batch is looked at as Keras asks for it."""

    def __init__(self, dataset, look):
        super().__init__(
            workers=dataset.workers,
            use_multiprocessing=dataset.use_multiprocessing,
            max_queue_size=dataset.max_queue_size,
        )
        self.dataset, self.look, self.seen = dataset, look, False

    @property
    def num_batches(self):
        return self.dataset.num_batches

    def __getitem__(self, index):
        batch = self.dataset[index]
        if self.seen:
            return self.look.later(batch)
        self.seen = True
        return self.look(batch)

    def on_epoch_begin(self):
        self.dataset.on_epoch_begin()

    def on_epoch_end(self):
        self.dataset.on_epoch_end()


def _labels(batch):
    return keras.utils.unpack_x_y_sample_weight(batch)[1]


def _on_host(array):
    # From a GPU of torch, as Keras takes it. TensorFlow's tensors have a
    # deprecated `cpu`.
    return array.cpu() if type(array).__module__ == "torch" else array


def _is_tensorflow_dataset(data):
    # There is none before TensorFlow is imported, which takes seconds.
    tf = sys.modules.get("tensorflow")
    return tf is not None and isinstance(data, tf.data.Dataset)
