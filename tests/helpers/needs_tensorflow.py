"""`from needs_tensorflow import tf`: skips a file of tests on another backend."""

import keras
import pytest

if keras.backend.backend() != "tensorflow":
    pytest.skip("needs the TensorFlow backend", allow_module_level=True)

import tensorflow as tf

__all__ = ["tf"]
