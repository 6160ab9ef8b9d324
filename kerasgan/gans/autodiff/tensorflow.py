"""Gradients and the form of a step on TensorFlow."""

import tensorflow as tf

from kerasgan.gans.autodiff import second_order
from kerasgan.gans.autodiff.ordered_sums import (
    let_sums_be_ordered,
    ordered_sums,
    total,  # noqa: F401
)
from kerasgan.gans.autodiff.second_order import (  # noqa: F401
    INEXACT_LAYERS,
    twice_differentiable,
    without_second_derivative,
)
from kerasgan.utils.private_names import (
    let_replicas_be_numbers,
    replace_dropout,
)
from kerasgan.utils.replicas import of_own_rows
from kerasgan.utils.typing import Any, Callable, Sequence, Tensor

second_order.complete()
let_sums_be_ordered()
let_replicas_be_numbers()
replace_dropout(of_own_rows)


def value_and_grad(
    fn: Callable, variables: Sequence
) -> tuple[Tensor, Any, list]:
    """Computes value and gradient of a loss.

    Args:
        fn: takes nothing and returns `(loss, aux)`: a scalar and any structure
            of tensors.
        variables: the Keras variables to differentiate by.

    Returns:
        `(loss, aux, gradients)`, one gradient a variable.
    """
    with tf.GradientTape() as tape:
        loss, aux = fn()
    gradients = tape.gradient(loss, [v.value for v in variables])
    return loss, aux, gradients


def grads(fn: Callable, groups: Sequence) -> tuple[Any, list]:
    """Gradients of several losses that come from one computation.

    Args:
        fn: takes nothing and returns `(losses, aux)`: a scalar for each group,
            and any structure of tensors.
        groups: lists of Keras variables; each loss is differentiated by those
            of its own group.

    Returns:
        `(aux, gradients)`, a list of gradients a group.
    """
    with tf.GradientTape(persistent=True) as tape:
        losses, aux = fn()
    return aux, [
        tape.gradient(loss, [v.value for v in group])
        for loss, group in zip(losses, groups)
    ]


def apply_gradients(
    optimizer: Any, gradients: Sequence, variables: Sequence
) -> None:
    """Update variables by one step of an optimizer.

    Args:
        optimizer: a built `keras.optimizers.Optimizer`.
        gradients: one tensor a variable.
        variables: the Keras variables that the optimizer was built with.
    """
    optimizer.apply(gradients, variables)


def input_grad(fn: Callable, x: Tensor) -> Tensor:
    """Computes the gradient of `sum(fn(x))` by `x`, itself differentiable."""
    with ordered_sums():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = fn(x)
        return tape.gradient(y, x)


def after(values: Any) -> Any:
    """Makes operations of the block wait until some values are computed.

    Args:
        values: a nested structure of tensors and None.
    """
    return tf.control_dependencies(
        [v for v in tf.nest.flatten(values) if v is not None]
    )


def prefers_xla() -> bool:
    """Returns whether XLA compiles the step if the user leaves it open.

    On a CPU XLA's gradient of strided transposed convolutions is several times
    slower than TensorFlow's own, and replicas of tf.distribute cannot meet inside
    of what XLA compiles.
    """
    alone = tf.distribute.get_strategy().num_replicas_in_sync == 1
    return alone and bool(tf.config.list_physical_devices("GPU"))


class StepForm:
    """`train_step` and `test_step` in TensorFlow's form."""

    gan_step: Callable
    evaluation_step: Callable

    def train_step(self, data: Any) -> dict[str, Any]:
        with ordered_sums():
            return _reducible(self.gan_step(data))

    def test_step(self, data: Any) -> dict[str, Any]:
        return _reducible(self.evaluation_step(data))


def _reducible(logs):
    """Returns the logs as Keras averages them: of workers, over an axis."""
    strategy = tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return logs
    return {name: tf.reshape(value, (1,)) for name, value in logs.items()}
