import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.layers import TPReLU

# Inside [0, 1], and on both sides of it, where the clipping takes the gradient.
ALPHA = np.array([0.25, 0.8, -0.3, 1.4])
BIAS = np.array([0.0, -0.5, 0.4, 0.3])


def formula(x, a, b):
    a = np.clip(a, 0, 1)
    return np.maximum(x - b, 0) + a * np.minimum(x - b, 0) + b


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 5, 4)])
def test_outputs_and_gradients(gradients, shape):
    reference.check(
        TPReLU(), formula, reference.random(*shape), [ALPHA, BIAS], gradients
    )


def test_no_gradient_for_alpha_outside_of_its_range(gradients):
    layer = TPReLU()
    layer.build((None, 4))
    _, da, _ = gradients(
        lambda x, a, b: ops.sum(ops.square(reference.call(layer, x, [a, b]))),
        reference.float32(9, 4),
        ALPHA.astype("float32"),
        BIAS.astype("float32"),
    )
    assert (da[:2] != 0).all()
    np.testing.assert_array_equal(da[2:], 0)


def test_start():
    layer = TPReLU()
    x = np.array([[-2.0, 0.0, 3.0]], "float32")
    np.testing.assert_allclose(layer(x), [[-0.5, 0.0, 3.0]])
    assert [w.shape for w in layer.weights] == [(3,), (3,)]
    np.testing.assert_allclose(TPReLU(1.0)(x), x)
    np.testing.assert_allclose(TPReLU(0.0)(x), [[0.0, 0.0, 3.0]])


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_parameters_get_float32_gradients_in_half_precision(gradients, policy):
    """Sums over many pixels lose nothing to the short mantissa."""
    layer = TPReLU(dtype=policy)
    layer.build((None, 1))
    x = ops.cast(np.full((5000, 1), -1.0), layer.compute_dtype)
    da, db = gradients(
        lambda a, b: ops.sum(
            ops.cast(reference.call(layer, x, [a, b]), "float32")
        ),
        np.array([0.25], "float32"),
        np.array([0.0], "float32"),
    )
    # 5000 is no bfloat16 number; da/dx is x, db is 1 - a a pixel.
    np.testing.assert_allclose(da, [-5000])
    np.testing.assert_allclose(db, [3750])


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_bad_arguments(alpha):
    with pytest.raises(ValueError, match=f"Received: initial_alpha={alpha}"):
        TPReLU(initial_alpha=alpha)
