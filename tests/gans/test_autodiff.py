import numpy as np
from keras import ops

from kerasgan.gans.autodiff import input_grad, replica

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")


def test_input_gradient():
    found = input_grad(
        lambda x: ops.sum(x**3, axis=1), ops.convert_to_tensor(X)
    )
    np.testing.assert_allclose(found, 3 * X**2, rtol=1e-5)


def test_input_gradient_can_be_differentiated(gradients):
    def penalty(x, w):
        slope = input_grad(lambda x: ops.matmul(x**2, w), x)
        return ops.sum(slope**2)

    w = np.array([[1.0], [-2.0], [0.5]], "float32")
    dx, dw = gradients(penalty, X, w)
    # The slope is 2 x w.
    np.testing.assert_allclose(dx, 8 * X * w[:, 0] ** 2, rtol=1e-5)
    np.testing.assert_allclose(dw[:, 0], 8 * (X**2).sum(0) * w[:, 0], rtol=1e-5)


def test_one_replica():
    assert tuple(int(n) for n in replica()) == (0, 1)
