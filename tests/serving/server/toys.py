"""A model with signatures like those in the documents of TensorFlow Serving."""

import tensorflow as tf


def signature(*specs):
    return tf.function(input_signature=specs, autograph=False)


class Toys(tf.Module):
    """Numbers, strings, bytes, and several inputs and outputs."""

    def __init__(self):
        super().__init__()
        self.half = tf.Variable(0.5)

    @signature(tf.TensorSpec([None], tf.float32, "x"))
    def half_plus_three(self, x):
        return {"y": self.half * x + 3.0}

    @signature(
        tf.TensorSpec([None], tf.string, "tag"),
        tf.TensorSpec([None, 5], tf.float32, "signal"),
        tf.TensorSpec([None, 2, 2], tf.int32, "sensor"),
    )
    def several(self, tag, signal, sensor):
        return {
            "tag": tf.identity(tag),
            "sum": tf.reduce_sum(signal, axis=1),
            "sensor": 2 * sensor,
        }

    @signature(tf.TensorSpec([None], tf.string, "image_bytes"))
    def binary(self, image_bytes):
        return {"out_bytes": tf.identity(image_bytes)}

    @signature(tf.TensorSpec([None], tf.string, "image_bytes"))
    def text(self, image_bytes):
        return {"text": tf.identity(image_bytes)}

    @signature(tf.TensorSpec([None], tf.int64, "n"))
    def integers(self, n):
        return {"same": tf.identity(n)}

    @signature(tf.TensorSpec([None], tf.bool, "b"))
    def booleans(self, b):
        return {"not": tf.logical_not(b)}

    @signature(tf.TensorSpec([None, None], tf.float32, "x"))
    def reals(self, x):
        return {"same": tf.identity(x)}

    @signature(tf.TensorSpec([None], tf.float32, "x"))
    def uneven(self, x):
        return {"all": tf.identity(x), "first": x[:1]}

    @signature(tf.TensorSpec([None], tf.float32, "x"))
    def total(self, x):
        return {"sum": tf.reduce_sum(x)}
