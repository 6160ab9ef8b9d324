import numpy as np
import pytest
import reference

from kerasgan.layers import Affine


@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 5, 3)])
def test_outputs_and_gradients(gradients, shape):
    reference.check(
        Affine(),
        lambda x, gamma, beta: gamma * x + beta,
        reference.random(*shape),
        [reference.random(3, seed=1), reference.random(3, seed=2)],
        gradients,
    )


def test_starts_as_the_identity():
    x = reference.float32(4, 3)
    np.testing.assert_array_equal(Affine()(x), x)
