"""`kerasgan.metrics` needs Keras only for what computes with networks."""

import subprocess
import sys

import pytest

from kerasgan import metrics

CODE = """
import sys
import kerasgan.metrics
import numpy as np
x = np.random.default_rng(0).normal(size=(40, 4))
kerasgan.metrics.frechet_distance(x, x)
kerasgan.metrics.kernel_distance(x, x, 2, 20)
kerasgan.metrics.precision_recall(x, x)
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_numbers_need_numpy_alone():
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert loaded & {"keras", "tensorflow", "jax", "torch", "scipy"} == set()


@pytest.mark.parametrize("name", metrics.__all__)
def test_every_name_is_a_function_or_a_class(name):
    assert callable(getattr(metrics, name))
    assert callable(getattr(metrics, name))
    assert name in dir(metrics)


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="no attribute 'fid'"):
        _ = metrics.fid
