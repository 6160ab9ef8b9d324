"""Gradients and the form of a step on JAX.

A step runs inside a `keras.StatelessScope` that maps every variable of the
model, its optimizers and its metrics to its current value. A function to be
differentiated needs a scope of its own, and an inner scope does not fall back
to the outer one: it gets the complete mapping, and what the function changed
(statistics, seeds) is copied back.
"""

import contextlib
import functools
import itertools
import threading

import jax
import keras

from kerasgan.utils.typing import Any, Callable, Iterable, Sequence, Tensor

_active = threading.local()

# Names of Keras's layers whose derivatives are not exact: none.
INEXACT_LAYERS: frozenset[str] = frozenset()


def value_and_grad(
    fn: Callable, variables: Sequence
) -> tuple[Tensor, Any, list]:
    """Computes value and gradient of a loss.

    Args:
        fn: takes nothing and returns `(loss, aux)`: a scalar and any structure
            of arrays.
        variables: the Keras variables to differentiate by.

    Returns:
        `(loss, aux, gradients)`, one gradient a variable.
    """
    loss, aux, changed, gradients = _differentiate(fn, variables)
    _active.scope.state_mapping.update(changed)
    return loss, aux, gradients


def grads(fn: Callable, groups: Sequence) -> tuple[Any, list]:
    """Gradients of several losses that come from one computation.

    Args:
        fn: takes nothing and returns `(losses, aux)`: a scalar for each group,
            and any structure of arrays.
        groups: lists of Keras variables; each loss is differentiated by those
            of its own group.

    Returns:
        `(aux, gradients)`, a list of gradients a group.
    """
    gradients = []
    for i, group in enumerate(groups):

        def compute_loss(i=i):
            losses, aux = fn()
            return losses[i], aux

        # Compiled, what the updates have in common is computed once.
        _, aux, changed, of_group = _differentiate(compute_loss, group)
        gradients.append(of_group)
    _active.scope.state_mapping.update(changed)
    return aux, gradients


def _differentiate(fn, variables):
    outer = _active.scope
    keys = [id(v) for v in variables]

    def differentiable(values):
        inner = keras.StatelessScope(collect_losses=True)
        inner.state_mapping.update(outer.state_mapping)
        inner.state_mapping.update(zip(keys, values))
        before = dict(inner.state_mapping)
        with inner:
            loss, aux = fn()
        changed = {
            key: value
            for key, value in inner.state_mapping.items()
            if value is not before.get(key)
        }
        return loss, (aux, changed)

    values = [outer.state_mapping[key] for key in keys]
    (loss, (aux, changed)), gradients = jax.value_and_grad(
        differentiable, has_aux=True
    )(values)
    return loss, aux, changed, gradients


def apply_gradients(
    optimizer: keras.Optimizer, gradients: Sequence, variables: Sequence
) -> None:
    """Update variables by one step of an optimizer.

    Keras's loss scaling has a branch, which on JAX works in the stateless form
    of an optimizer alone.

    Args:
        optimizer: a built `keras.optimizers.Optimizer`.
        gradients: one array a variable.
        variables: the Keras variables that the optimizer was built with.
    """
    scope = _active.scope
    updated = [*variables, *optimizer.variables]
    values = [scope.get_current_value(v) for v in updated]
    count = len(variables)
    trained, slots = optimizer.stateless_apply(
        values[count:], gradients, values[:count]
    )
    for variable, value in zip(updated, [*trained, *slots]):
        scope.add_update((variable, value))


def input_grad(fn: Callable, x: Tensor) -> Tensor:
    """Computes the gradient of `sum(fn(x))` by `x`, itself differentiable."""
    return jax.grad(lambda x: fn(x).sum())(x)


def total(values: Iterable) -> Tensor | int:
    """Returns the sum of arrays of one shape, in their order; 0 of none."""
    return sum(values)


def twice_differentiable() -> Any:
    """Does nothing: on JAX all operations have second derivatives."""
    return contextlib.nullcontext()


def without_second_derivative(
    fn: Callable, shape: tuple
) -> list[tuple[str, str]]:
    """Names what has no second derivative: on JAX nothing."""
    return []


def after(values: Any) -> Any:
    """Does nothing: XLA chooses the order, which saves memory."""
    return contextlib.nullcontext()


def prefers_xla() -> bool:
    """Returns True: JAX always compiles with XLA."""
    return True


class StepForm:
    """`train_step` and `test_step` in the stateless form of Keras on JAX."""

    gan_step: Callable
    evaluation_step: Callable

    def train_step(self, state: Any, data: Any) -> dict[str, Any]:
        return _stateless(self.gan_step, self._training_state(), state, data)

    def test_step(self, state: Any, data: Any) -> dict[str, Any]:
        return _stateless(self.evaluation_step, self._state(), state, data)

    def _training_state(self):
        return (
            self.trainable_variables,
            self.non_trainable_variables,
            self.optimizer.variables,
            self.metrics_variables,
        )

    def _state(self):
        return (
            self.trainable_variables,
            self.non_trainable_variables,
            self.metrics_variables,
        )

    # While they run, the variables of the model are empty.

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            super().make_train_function(force)
            if _is_scanned(self):
                self.train_function = _scanned(
                    self.train_step, self.steps_per_execution
                )
            self.train_function = _keeping(
                self.train_function, self._training_state
            )

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            super().make_test_function(force)
            self.test_function = _keeping(self.test_function, self._state)

    def make_predict_function(self, force=False):
        if self.predict_function is None or force:
            super().make_predict_function(force)
            # Without the metrics.
            self.predict_function = _keeping(
                self.predict_function, lambda: self._state()[:2]
            )


def _is_scanned(model):
    """Returns whether several steps are one call of the device.

    Keras calls the compiled step once for each. With a distribution it still
    does: it states where each variable lies, and scanning would lose that.
    """
    return (
        model.steps_per_execution > 1
        and model.jit_compile
        and not model.run_eagerly
        and keras.distribution.distribution() is None
    )


def _scanned(step, count):
    """Makes a function of `count` steps that is compiled as one loop.

    Args:
        step: a pure function `(state, batch) -> (logs, state)`.
        count: at least 2.

    Returns:
        A function `(state, iterator) -> (logs, state)` with the logs of the
        last step. It runs fewer steps if the iterator ends.
    """

    def scanned(state, batch):
        logs, state = step(state, batch)
        return state, logs

    @functools.partial(jax.jit, donate_argnums=0)
    def steps(state, batches):
        stacked = jax.tree.map(lambda *x: jax.numpy.stack(x), *batches)
        state, logs = jax.lax.scan(scanned, state, stacked)
        return jax.tree.map(lambda x: x[-1], logs), state

    def function(state, iterator):
        # The first one may raise StopIteration: there is nothing to do.
        batches = [next(iterator), *itertools.islice(iterator, count - 1)]
        # The last batch of an epoch may be smaller.
        for _, alike in itertools.groupby(batches, _shapes):
            logs, state = steps(state, [*alike])
        return logs, state

    return function


def _shapes(batch):
    return [x.shape for x in jax.tree.leaves(batch)]


def _keeping(function, variables):
    """Makes a step that restores a model's variables if it fails.

    Keras empties them before the first step, and would leave them so: data
    that ends or is not right would cost the weights.
    """

    def step(state, iterator):
        try:
            return function(state, iterator)
        except BaseException:
            for group, values in zip(variables(), state):
                for variable, value in zip(group, values):
                    # Those that the device has taken are lost.
                    if not value.is_deleted():
                        variable.assign(value)
            raise

    return step


def _stateless(step, variables, state, data):
    scope = keras.StatelessScope(
        [
            (variable, value)
            for group, values in zip(variables, state)
            for variable, value in zip(group, values)
        ]
    )
    _active.scope = scope
    try:
        with scope:
            logs = step(data)
    finally:
        del _active.scope
    new_state = tuple(
        [scope.get_current_value(variable) for variable in group]
        for group in variables
    )
    return logs, new_state
