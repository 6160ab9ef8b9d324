from keras import ops

from kerasgan.gans import autodiff
from kerasgan.utils.private_names import flatten_layers
from kerasgan.utils.replicas import replica


def compute_weighted_sum(penalties, steps, networks):
    """Returns what penalties add to a loss in one step.

    Args:
        penalties: pairs of a `Penalty` and of what its `compute` takes.
        steps: the number of steps before this one, an integer tensor.
        networks: the Keras models that they may call.

    Returns:
        A float32 scalar.
    """
    values = [ops.zeros((), "float32")]
    for penalty, arguments in penalties:
        compute = _weighted(penalty, *arguments)
        if penalty.interval == 1:
            values.append(compute())
            continue
        # Seldom, and so much stronger (Karras et al., 1912.04958).
        due = ops.equal(steps % penalty.interval, 0)
        if replica()[1] > 1 and _meet(penalty, networks):
            # Replicas of tf.distribute cannot wait for each other in a branch.
            values.append(ops.where(due, compute(), 0.0))
        else:
            values.append(
                ops.cond(due, compute, lambda: ops.zeros((), "float32"))
            )
    return autodiff.total(values)


def _meet(penalty, networks):
    """Returns whether a penalty needs numbers of all replicas."""
    return penalty.of_whole_batch or any(
        getattr(layer, "synchronized", False)
        for network in networks
        for layer in flatten_layers(network)
    )


def _weighted(penalty, *arguments):
    def compute():
        value = ops.cast(penalty.compute(*arguments), "float32")
        return penalty.weight * penalty.interval * value

    return compute
