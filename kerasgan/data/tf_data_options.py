"""Options of tf.data pipelines in which nothing is tuned."""


def untuned_options():
    """Returns `tf.data.Options` without autotuning.

    The end of an iterator waits for the tuning thread, which sleeps for up to a
    minute.
    """
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return options
