"""The replicas of a batch: what each has of it, and what all have together.

A replica of tf.distribute sees its own rows alone. On JAX a program sees the
whole batch, whatever devices hold it, so that inside a step there is one replica.
"""

import functools

import keras

from kerasgan.utils.typing import Any, Callable, Tensor


def replica() -> tuple[Any, int]:
    """Returns `(index, count)` of this replica; `(0, 1)` outside a step."""
    context = _context()
    if context is None:
        return 0, 1
    return context.replica_id_in_sync_group, context.num_replicas_in_sync


def own_rows(values: Any, rows: Any) -> Any:
    """Returns a replica's rows of what was drawn for the batch of all.

    All replicas draw the same numbers: seed generators are mirrored.

    Args:
        values: a nested structure of tensors with `rows` rows for each
            replica. What has another known number of rows stays as it is.
        rows: how many rows of the batch a replica has.
    """
    index, count = replica()
    if count == 1:
        return values

    def own(value):
        shape = getattr(value, "shape", ())
        known = isinstance(rows, int) and len(shape) and shape[0] is not None
        if not len(shape) or (known and shape[0] != rows * count):
            return value
        return value[index * rows : (index + 1) * rows]

    return keras.tree.map_structure(own, values)


def repeated(x: Tensor) -> Tensor:
    """Returns a tensor of as many rows as all replicas have, from one's own.

    Row i of each replica's part is row i of `x`.
    """
    count = replica()[1]
    return x if count == 1 else keras.ops.concatenate([x] * count)


def of_own_rows(dropout: Callable) -> Callable:
    """Returns a dropout that draws for the rows of all replicas."""

    @functools.wraps(dropout)
    def of_all(inputs, rate, noise_shape=None, seed=None):
        count = replica()[1]
        if count == 1:
            return dropout(inputs, rate, noise_shape, seed)
        if noise_shape is not None and noise_shape[0] not in (None, 1):
            noise_shape = (noise_shape[0] * count, *noise_shape[1:])
        dropped = dropout(repeated(inputs), rate, noise_shape, seed)
        return own_rows(dropped, keras.ops.shape(inputs)[0])

    return of_all


def rows_of_all(x: Tensor) -> Tensor:
    """Returns the rows of all replicas, which have equally many, in order."""
    context = _context()
    if context is None:
        return x
    rows = x.shape[0]
    # What has no device yet, such as an argument, cannot be gathered.
    gathered = context.all_gather(keras.ops.copy(x), axis=0)
    if rows is not None:
        rows *= context.num_replicas_in_sync
    gathered.set_shape([rows, *x.shape[1:]])
    return gathered


def mean_of_all(x: Tensor) -> Tensor:
    """Returns the mean over the replicas; differentiable."""
    return _reduced("MEAN", x)


def sum_of_all(x: Tensor) -> Tensor:
    """Returns the sum over the replicas; differentiable."""
    return _reduced("SUM", x)


def replicas_of(model: keras.Model) -> int:
    """Returns into how many parts a process's batches for a model are cut."""
    if keras.backend.backend() == "tensorflow":
        return model.distribute_strategy.num_replicas_in_sync
    distribution = keras.distribution.distribution()
    if distribution is None or distribution.batch_dim_name is None:
        return 1
    mesh = distribution.device_mesh
    axis = mesh.axis_names.index(distribution.batch_dim_name)
    return max(mesh.shape[axis] // processes(), 1)


def processes() -> int:
    """Returns how many processes give a batch's rows, each its own; on JAX."""
    if keras.backend.backend() != "jax":
        return 1
    import jax

    return jax.process_count()


def _reduced(operation, x):
    context = _context()
    return x if context is None else context.all_reduce(operation, x)


def _context():
    """Returns the context of a replica that is not the only one, or None."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    several = context is not None and context.num_replicas_in_sync > 1
    return context if several else None
