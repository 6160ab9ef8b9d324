"""Classes in the signatures of a SavedModel (TensorFlow only).

Labels become class weights here, so that one copy of the network serves all
signatures, those that mix classes too. A generator without classes has `None`
for them, and everything here is empty then.
"""

import tensorflow as tf

from kerasgan.serving.exports.graph_latents import labels as drawn_labels

ANY = -1  # a class that is drawn


def specs(classes, name, *shape):
    """Returns the specification of an input of labels, in a tuple."""
    if classes is None:
        return ()
    return (tf.TensorSpec(shape, tf.int32, name),)


def checks(classes, name, labels, low=ANY):
    """Returns the assertions that labels are classes.

    Out of range, a one-hot would be zeros: an image of no class.
    """
    if classes is None:
        return []
    right = tf.reduce_all((labels >= low) & (labels < classes.count))
    message = (
        f"{name} must be from {low} to {classes.count - 1}. Received {name}:"
    )
    return [tf.debugging.Assert(right, [message, labels])]


def of_rows(classes, labels, latents):
    """Returns the weights of one label a row, after a check of both."""
    if classes is None:
        return ()
    rows, wanted = tf.shape(labels)[0], tf.shape(latents)[0]
    message = (
        "Expected a label for each of the latents. Received labels, latents:"
    )
    asserted = checks(classes, "labels", labels, 0)
    asserted.append(
        tf.debugging.Assert(rows == wanted, [message, rows, wanted])
    )
    with tf.control_dependencies(asserted):
        return (tf.one_hot(tf.identity(labels), classes.count),)


def of_draw(classes, label, count, seed, start=0):
    """Returns the weights of the images of a draw, of one class or of any."""
    if classes is None:
        return ()
    drawn = drawn_labels(count, classes.count, seed, start)
    return (tf.one_hot(tf.where(label < 0, drawn, label), classes.count),)


def of_path(classes, labels, seeds, steps):
    """Returns weights that change linearly from one class to another."""
    if classes is None:
        return ()
    first, last = (
        of_draw(classes, labels[end], 1, seeds[end])[0] for end in (0, 1)
    )
    fraction = tf.range(steps, dtype=tf.float64) / tf.cast(
        steps - 1, tf.float64
    )
    # Of one class exactly one-hots, as labels give them.
    return (first + tf.cast(fraction, tf.float32)[:, None] * (last - first),)


def names(classes):
    """Returns the signature `classes`, by which a client learns the names.

    TensorFlow Serving shows nothing else of a SavedModel than its signatures,
    and calls none without an input.
    """
    if classes is None:
        return {}

    @tf.function(
        input_signature=specs(classes, "label"),
        autograph=False,
    )
    def named(label):
        with tf.control_dependencies(checks(classes, "label", label)):
            at = tf.maximum(label, 0)
        count = tf.where(label < 0, classes.count, 1)
        return {"class_names": tf.constant(classes.names)[at : at + count]}

    return {"classes": named}
