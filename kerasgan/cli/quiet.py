"""Imports Keras quickly, without the messages of TensorFlow's start."""

import contextlib
import gc
import os
import sys
import tempfile

from kerasgan.utils.backend import check_backend


def import_keras():
    """Imports Keras and its backend; discards what is printed meanwhile.

    TensorFlow reports each library that it does not find, which buries the one
    line that a command has to say. Some of it comes before its logging obeys
    any setting, straight from C++. Whoever sets `TF_CPP_MIN_LOG_LEVEL` below 3
    gets everything, and a failing import everything that was printed.
    """
    # TensorFlow has this library on by itself only where the processor has
    # AVX512-VNNI or newer; convolutions on others gain as much by it.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    check_backend()
    # 3: nothing but fatal errors; Python raises all others as exceptions.
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if level != "3" or sys.stderr is None:
        with _without_collection():
            import keras

        return
    sys.stderr.flush()
    stderr = os.dup(2)
    with (
        tempfile.TemporaryFile() as dropped,
        _without_collection(),
        _python_messages(stderr),
    ):
        os.dup2(dropped.fileno(), 2)
        try:
            import keras  # noqa: F401
        except Exception:
            dropped.seek(0)
            os.write(stderr, dropped.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


@contextlib.contextmanager
def _python_messages(stderr):
    """Lets Python itself write: another thread may report an interruption."""
    if sys.stderr is not sys.__stderr__:
        yield
        return
    with open(os.dup(stderr), "w", buffering=1) as lasting:
        sys.stderr = lasting
        try:
            yield
        finally:
            sys.stderr = sys.__stderr__


@contextlib.contextmanager
def _without_collection():
    """Imports without garbage collection; excludes from it what is there then.

    TensorFlow's 400,000 objects stay until the process ends. Going through
    them again and again was a fifth of the time of its import.
    """
    if "keras" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
