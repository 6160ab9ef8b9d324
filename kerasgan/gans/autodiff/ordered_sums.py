"""Sums of gradients that do not depend on which buffers are free.

Where three or more gradients meet, TensorFlow adds them by one `AddN`, which
begins with whichever of them it may overwrite: when they have other users, that
differs from call to call, and with it the rounding. Here two are added at a
time, in a fixed order. `EnsureShape` between the sums, which copies nothing,
keeps TensorFlow's optimizer from joining them into one `AddN` again.
"""

import contextlib
import functools
import threading

import tensorflow as tf

from kerasgan.utils.private_names import replace_add_n
from kerasgan.utils.thread_state import temporarily
from kerasgan.utils.typing import Callable, Iterable, Iterator, Tensor

_active = threading.local()


def let_sums_be_ordered() -> None:
    """Give `ordered_sums` its effect, once."""
    replace_add_n(_pairwise)


@contextlib.contextmanager
def ordered_sums() -> Iterator[None]:
    """Gives sums of gradients a fixed order in graphs built in the block."""
    with temporarily(_active, ordered=True):
        yield


def total(values: Iterable) -> Tensor | int:
    """Returns the sum of tensors of one shape, in their order; 0 of none."""
    result = 0
    for value in values:
        # Where there is nothing to add, Python's 0 stands for it.
        if isinstance(value, int) and value == 0:
            continue
        value = tf.convert_to_tensor(value)
        # It may be a sum itself, which the optimizer would join with this.
        value = tf.ensure_shape(value, value.shape)
        result = tf.ensure_shape(result + value, value.shape)
    return result


def _pairwise(add_n: Callable) -> Callable:
    @functools.wraps(add_n)
    def add_in_order(inputs, name=None):
        if (
            not getattr(_active, "ordered", False)
            or tf.executing_eagerly()
            # Lists of tensors, in the gradients of loops.
            or inputs[0].dtype == tf.variant
        ):
            return add_n(inputs, name)
        first, *rest = inputs
        for value in rest:
            first = tf.ensure_shape(add_n([first, value], name), first.shape)
        return first

    return add_in_order
