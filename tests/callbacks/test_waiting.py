"""Keras waits for each step on JAX if a callback listens at its end."""

import keras
import pytest

from kerasgan import callbacks

# Those of Keras or of others, which they wrap.
WRAPPERS = {"ForNetwork", "TensorBoardLog"}
CALLBACKS = [
    value
    for name in sorted({*callbacks.__all__} - WRAPPERS)
    if isinstance(value := getattr(callbacks, name), type)
    and issubclass(value, keras.callbacks.Callback)
]


@pytest.mark.parametrize("callback", CALLBACKS)
def test_no_callback_makes_keras_wait(callback):
    default = keras.callbacks.Callback
    listens = callback.on_train_batch_end is not default.on_train_batch_end
    assert not listens or callback.async_safe
