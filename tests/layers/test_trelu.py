import numpy as np
import pytest
import reference

from kerasgan.layers import TReLU


def formula(x, b):
    return np.maximum(x - b, 0) + b


@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 5, 3)])
def test_outputs_and_gradients(gradients, shape):
    reference.check(
        TReLU(),
        formula,
        reference.random(*shape),
        [np.array([0.0, -0.5, 0.4])],
        gradients,
    )


def test_starts_as_a_rectifier():
    x = reference.float32(4, 3)
    np.testing.assert_array_equal(TReLU()(x), np.maximum(x, 0))
