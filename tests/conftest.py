import os

import keras
import numpy as np
import pytest
from portable import is_portable


@pytest.fixture
def on_tensorflow():
    """For tests of what the TensorFlow backend alone can do."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("needs the TensorFlow backend")


@pytest.fixture(scope="session")
def without_tensorflow(tmp_path_factory):
    """The environment of a process on JAX in which no TensorFlow is found."""
    pytest.importorskip("jax", reason="runs on the JAX backend")
    folder = tmp_path_factory.mktemp("stubs")
    (folder / "tensorflow.py").write_text(
        "raise ImportError('there is no TensorFlow here')"
    )
    path = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": os.pathsep.join([str(folder), *([path] if path else [])]),
        # Tiny networks take longer to compile than to run, and the same ones
        # are compiled again and again.
        "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "XLA_FLAGS": "--xla_backend_optimization_level=0 "
        "--xla_llvm_disable_expensive_passes=true",
    }


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


@pytest.fixture
def slopes():
    """The gradient of a scalar function by its argument, to go on with."""
    if keras.backend.backend() == "jax":
        import jax

        return lambda function, x: jax.grad(function)(x)

    def slopes(function, x):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x)
        return tape.gradient(value, x)

    return slopes


def pytest_collection_modifyitems(items):
    for item in items:
        if is_portable(item.path) and not item.get_closest_marker(
            "one_backend"
        ):
            item.add_marker("both_backends")
