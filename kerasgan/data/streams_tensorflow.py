"""Batches as a tf.data.Dataset, for the TensorFlow backend."""

import numpy as np
import tensorflow as tf

from kerasgan.data.position import Position
from kerasgan.utils.tf_data import untuned_options

# Batches made ahead.
AHEAD = 4


def endless(batches, start_step=0):
    """Streams batches: see `Batches.stream`."""
    steps = tf.data.Dataset.counter(start_step, dtype=tf.int64)
    return _known(_images(steps, batches).prefetch(AHEAD), batches)


def epochs(batches):
    """Streams the batches of epochs: see `Batches.epochs`."""
    count = batches.steps_per_epoch
    position = Position()

    def first():
        return np.int64(position.take(count))

    def steps(_):
        start = tf.numpy_function(first, [], tf.int64)
        start.set_shape([])
        return tf.data.Dataset.range(start, start + count)

    # Each iterator runs this one element, and thereby takes the next pass.
    numbers = tf.data.Dataset.range(1).flat_map(steps)
    dataset = _images(numbers, batches)
    return _known(
        dataset.apply(tf.data.experimental.assert_cardinality(count)).prefetch(
            AHEAD
        ),
        batches,
    )


def _known(dataset, batches):
    """Let `fit` skip the check of the first batch's range."""
    options = untuned_options()
    # Of several workers each takes its rows of every batch.
    policy = tf.data.experimental.AutoShardPolicy.DATA
    options.experimental_distribute.auto_shard_policy = policy
    dataset = dataset.with_options(options)
    dataset.real_shape = batches.shape
    dataset.real_classes = batches.classes
    return dataset


def _images(steps, batches):
    def images(step):
        types = [tf.uint8, *[tf.int32] * (batches.labels is not None)]
        pixels, *labels = tf.numpy_function(batches.batch, [step], types)
        pixels.set_shape(batches.shape)
        real = tf.cast(pixels, tf.float32) / 127.5 - 1.0
        if not labels:
            return real
        labels[0].set_shape(batches.shape[:1])
        return real, labels[0]

    return steps.map(images)
