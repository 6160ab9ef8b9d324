"""Batches that are computed in parts."""

import keras
from keras import ops

from kerasgan.gans import autodiff
from kerasgan.utils.replicas import replica, rows_of_all


def micro_batches(batch, count):
    """Cut a batch into `count` parts of equal size.

    A remainder is left out; of a batch with fewer rows than parts some rows
    are in several of them. A replica of tf.distribute gets its rows of the parts
    of the batch that all have together.

    Args:
        batch: `[N, ...]`, N at least 1; or a tuple of such tensors and None,
            whose rows belong together.
        count: a positive integer.
    """
    if count == 1:
        return [batch]
    batch = keras.tree.map_structure(
        lambda x: None if x is None else rows_of_all(x), batch
    )
    first = batch[0] if isinstance(batch, tuple) else batch
    rows = ops.shape(first)[0]
    rows_of_each = _at_least_one(rows // count)
    starts = [
        i * rows_of_each % _at_least_one(rows - rows_of_each + 1)
        for i in range(count)
    ]
    index, replicas = replica()
    own = _at_least_one(rows_of_each // replicas)
    return [
        keras.tree.map_structure(
            lambda x: None if x is None else x[start : start + own], batch
        )
        for start in (start + index * own for start in starts)
    ]


def accumulate(parts, differentiate):
    """Returns the mean of the gradients of several parts of a batch, one at a time.

    Args:
        parts: a list of batches.
        differentiate: a function of a batch that returns `(aux, gradients)`: a
            dictionary of scalars and of tensors with a row for each example,
            and a list of gradients.

    Returns:
        `(aux, gradients)` of all: scalars and gradients are means, tensors
        with rows are joined.
    """
    aux, total = differentiate(parts[0])
    if len(parts) == 1:
        return aux, total
    of_parts = [aux]
    for part in parts[1:]:
        # What one part needs in memory is free again before the next begins.
        with autodiff.after(total):
            aux, gradients = differentiate(part)
            total = keras.tree.map_structure(_sum, total, gradients)
        of_parts.append(aux)
    mean = keras.tree.map_structure(
        lambda g: None if g is None else g / len(parts), total
    )
    joined = {
        name: _join([aux[name] for aux in of_parts]) for name in of_parts[0]
    }
    return joined, mean


def _sum(total, gradient):
    # Weights that a loss does not depend on have no gradient on TensorFlow.
    if total is None:
        return None
    return autodiff.total([total, gradient])


def _join(values):
    if len(values[0].shape):
        return ops.concatenate(values)
    return autodiff.total(values) / len(values)


def _at_least_one(number):
    """Returns `max(number, 1)` of an integer, or of a tensor where a size is unknown."""
    if isinstance(number, int):
        return max(number, 1)
    return ops.maximum(number, 1)
