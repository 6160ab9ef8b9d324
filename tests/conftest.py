import keras
import numpy as np
import pytest


@pytest.fixture
def on_tensorflow():
    """For tests of what the TensorFlow backend alone can do."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("needs the TensorFlow backend")


@pytest.fixture
def gradients():
    """Automatic differentiation on either backend, for tests."""
    return _gradients


def _gradients(function, *arrays):
    """Gradients of the scalar `function(*tensors)` by each array, as numpy."""
    if keras.backend.backend() == "jax":
        import jax

        tensors = [jax.numpy.asarray(a) for a in arrays]
        # Compiled as a whole, which takes less time than op by op.
        gradient = jax.jit(jax.grad(function, tuple(range(len(tensors)))))
        found = gradient(*tensors)
    else:
        import tensorflow as tf

        tensors = [tf.constant(a) for a in arrays]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(*tensors)
        found = tape.gradient(value, tensors, unconnected_gradients="zero")
    return [np.asarray(g) for g in found]
