"""Pipelines of tf.data in which nothing is tuned."""


def untuned_options():
    """Returns `tf.data.Options` without autotuning.

    The end of an iterator waits for the tuning thread, which sleeps for up to a
    minute.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return options


def records(path):
    """Returns an iterator of the records of a TFRecord file, bytes."""
    import tensorflow as tf

    dataset = tf.data.TFRecordDataset(str(path))
    return dataset.with_options(untuned_options()).as_numpy_iterator()
