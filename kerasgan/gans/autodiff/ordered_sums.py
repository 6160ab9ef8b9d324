"""Sums of gradients that do not depend on which buffers are free.

Where three or more gradients meet, TensorFlow adds them by one `AddN`, which
begins with whichever of them it may overwrite: when they have other users, that
differs from call to call, and with it the rounding. Here two are added at a
time, in a fixed order. `EnsureShape` between the sums, which copies nothing,
keeps TensorFlow's optimizer from joining them into one `AddN` again, and so it
does between the sums that networks compute.
"""

import contextlib
import functools
import itertools
import threading

import tensorflow as tf

from kerasgan.utils.private_names import replace_sums
from kerasgan.utils.thread_state import temporarily
from kerasgan.utils.typing import Callable, Iterable, Iterator, Tensor

_active = threading.local()
_SUMS = ("Add", "AddV2", "AddN")
# What TensorFlow's optimizer may leave out from between two sums.
_PASSING = ("Identity", "IdentityN", "StopGradient", "Reshape", "Cast")


def let_sums_be_ordered() -> None:
    """Give `ordered_sums` its effect, once."""
    replace_sums(_pairwise, _apart, _kept)


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
        # Lists of tensors are variants, in the gradients of loops.
        if not _is_ordered() or inputs[0].dtype == tf.variant:
            return add_n(inputs, name)
        first, *rest = inputs
        for value in rest:
            first = tf.ensure_shape(add_n([first, value], name), first.shape)
        return first

    return add_in_order


def _apart(add: Callable) -> Callable:
    @functools.wraps(add)
    def add_apart(x, y, name=None):
        if _is_ordered():
            terms = [[*_terms(value)] for value in (x, y)]
            shapes = [t.shape for t in itertools.chain(*terms)]
            # Terms of other shapes are added by themselves.
            alike = (sum(map(s.is_compatible_with, shapes)) for s in shapes)
            if max(alike, default=0) > 2:
                x, y = (
                    tf.ensure_shape(value, value.shape)
                    if len(of) > 1
                    else value
                    for value, of in zip((x, y), terms)
                )
        return add(x, y, name)

    return add_apart


def _kept(subtract: Callable) -> Callable:
    @functools.wraps(subtract)
    def subtract_only(x, y, name=None):
        # TensorFlow's optimizer makes `x - (-y)` a sum.
        if _is_ordered() and isinstance(y, tf.Tensor):
            if _inner(y).op.type == "Neg":
                y = tf.ensure_shape(y, y.shape)
        return subtract(x, y, name)

    return subtract_only


def _inner(value):
    while value.op.type in _PASSING:
        passed = value.op.inputs[value.value_index]
        # A reshape that changes the shape is not left out.
        if not passed.shape.is_compatible_with(value.shape):
            break
        value = passed
    return value


def _terms(value):
    """Yields the tensors that TensorFlow's optimizer may see as terms of a sum."""
    if not tf.is_tensor(value):
        return
    inner = _inner(value)
    if inner.op.type not in _SUMS:
        yield value
        return
    for term in inner.op.inputs:
        yield from _terms(term)


def _is_ordered():
    return getattr(_active, "ordered", False) and not tf.executing_eagerly()
