import keras
import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.gans.autodiff import input_grad
from kerasgan.layers import TPReLU

# Inside [0, 1], and on both sides of it, where the clipping takes the gradient.
ALPHA = np.array([0.25, 0.8, -0.3, 1.4])
BIAS = np.array([0.0, -0.5, 0.4, 0.3])


def formula(x, a, b):
    a = np.clip(a, 0, 1)
    return np.maximum(x - b, 0) + a * np.minimum(x - b, 0) + b


def plain(x, a, b):
    """The formula for automatic differentiation."""
    a = ops.clip(a, 0.0, 1.0)
    return ops.maximum(x - b, 0.0) + a * ops.minimum(x - b, 0.0) + b


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


def penalized(activation, x, a, b, probe):
    """A penalty on an input gradient, plus a loss, as in a critic's step."""

    def critic(x):
        hidden = activation(ops.matmul(x, probe), a, b)
        return activation(ops.matmul(ops.square(hidden), probe), a, b)

    slope = input_grad(critic, x)
    norm = ops.sqrt(ops.sum(ops.square(slope), axis=1) + 1e-6)
    return ops.mean(ops.square(norm - 1.0)) + ops.mean(critic(x))


def test_second_order_gradients(gradients):
    layer = TPReLU()
    layer.build((None, 4))

    def custom(x, a, b):
        return reference.call(layer, x, [a, b])

    arguments = (
        reference.float32(6, 4),
        ALPHA.astype("float32"),
        BIAS.astype("float32"),
        reference.float32(4, 4, seed=1),
    )
    found = gradients(lambda *arrays: penalized(custom, *arrays), *arguments)
    expected = gradients(lambda *arrays: penalized(plain, *arrays), *arguments)
    for a, b in zip(found, expected, strict=True):
        assert np.abs(b).max() > 1e-3
        scale = np.abs(b).max()
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-5 * scale)


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


def test_configuration_keeps_alpha():
    layer = TPReLU.from_config(TPReLU(0.5, name="here").get_config())
    assert (layer.initial_alpha, layer.name) == (0.5, "here")
    layer.build((None, 2))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer.alpha), 0.5)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan")])
def test_bad_arguments(alpha):
    with pytest.raises(ValueError, match=f"Received: initial_alpha={alpha}"):
        TPReLU(initial_alpha=alpha)
