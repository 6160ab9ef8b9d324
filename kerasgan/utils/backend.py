"""The backends of Keras that kerasgan runs on."""

import contextlib
import os
import sys

SUPPORTED = ("tensorflow", "jax")


def check_backend():
    """Raises if kerasgan does not run on the backend of Keras.

    Called before Keras is imported, which itself says no more of a name that it
    does not know, or of a backend that is not installed, than that it failed.

    Raises:
        ValueError: another backend is chosen.
    """
    source, name = _chosen()
    if name not in SUPPORTED:
        raise ValueError(
            "kerasgan runs on Keras's backends tensorflow and jax "
            f"(KERAS_BACKEND=jax). Received: {source}={name!r}"
        )


def chosen_backend():
    """Returns the name of Keras's backend, without importing Keras."""
    return _chosen()[1]


@contextlib.contextmanager
def dtype_policy(policy):
    """Has Keras use this dtype policy, or the one of a name, inside the block."""
    check_backend()
    import keras

    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _chosen():
    """Returns `(what chooses the backend, its name)`."""
    keras = sys.modules.get("keras")
    if hasattr(keras, "backend"):
        return "keras.backend.backend()", keras.backend.backend()
    return _configured()


def _configured():
    """Returns `(what chooses the backend, its name)`, as Keras will read it."""
    name = os.environ.get("KERAS_BACKEND")
    if name:
        return "KERAS_BACKEND", name
    import json
    import pathlib

    home = os.environ.get("KERAS_HOME") or pathlib.Path.home() / ".keras"
    path = pathlib.Path(home, "keras.json")
    try:
        return f"{path}: backend", json.loads(path.read_text())["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return "Keras's default", SUPPORTED[0]
