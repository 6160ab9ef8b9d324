from keras import ops

from kerasgan.gans import autodiff


def weighted_sum(penalties, steps):
    """Returns what penalties add to a loss in one step.

    Args:
        penalties: pairs of a `Penalty` and of what its `compute` takes.
        steps: the number of steps before this one, an integer tensor.

    Returns:
        A float32 scalar.
    """
    values = [ops.zeros((), "float32")]
    for penalty, arguments in penalties:
        compute = _weighted(penalty, *arguments)
        if penalty.interval == 1:
            values.append(compute())
        else:
            # Seldom, and so much stronger (Karras et al., 1912.04958).
            due = ops.equal(steps % penalty.interval, 0)
            values.append(
                ops.cond(due, compute, lambda: ops.zeros((), "float32"))
            )
    return autodiff.total(values)


def _weighted(penalty, *arguments):
    def compute():
        value = ops.cast(penalty.compute(*arguments), "float32")
        return penalty.weight * penalty.interval * value

    return compute
