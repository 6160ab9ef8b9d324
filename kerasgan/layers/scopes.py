"""Calls of layers that see other variables, or change none."""

import contextlib

import keras

from kerasgan.utils.typing import Any, Iterator, Sequence


@contextlib.contextmanager
def substituted(values: Sequence = ()) -> Iterator[Any]:
    """Gives variables the given values, inside the block.

    What is assigned to variables inside the block does not reach them; the
    scope, which is what the block gets, holds it, and the losses that were
    added.

    Args:
        values: `(variable, tensor)` pairs.
    """
    scope = keras.StatelessScope(collect_losses=True)
    with scope:
        # An inner scope does not fall back to the one around it.
        if scope.original_scope is not None:
            scope.state_mapping.update(scope.original_scope.state_mapping)
        for variable, value in values:
            scope.state_mapping[id(variable)] = value
        yield scope


@contextlib.contextmanager
def unchanged(model: keras.Model) -> Iterator[None]:
    """Keeps calls of a model from changing its variables, inside the block.

    So statistics do not move. Only the states of random generators advance,
    else the same numbers would be drawn again.

    Args:
        model: a Keras model or layer.
    """
    with substituted() as scope:
        yield
    for variable in model.non_trainable_variables:
        value = scope.get_current_value(variable)
        if variable.name == "seed_generator_state" and value is not None:
            variable.assign(value)
