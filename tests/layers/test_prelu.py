import keras
import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.layers import PReLU

# On both sides of [0, 1], too: unlike that of TPReLU it is not clipped.
ALPHA = np.array([0.25, 0.8, -0.3, 1.4])


def formula(x, a):
    return np.maximum(x, 0) + a * np.minimum(x, 0)


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 5, 4)])
def test_outputs_and_gradients(gradients, shape):
    alpha = ALPHA.reshape(*(1 for _ in shape[1:-1]), -1)
    reference.check(
        PReLU(), formula, reference.random(*shape), [alpha], gradients
    )


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_values_are_those_of_keras(policy):
    layer = PReLU(dtype=policy)
    layer.build((None, 3, 5, 4))
    layer.alpha.assign(ALPHA.reshape(1, 1, -1))
    x = reference.float32(2, 3, 5, 4)
    y = ops.convert_to_numpy(ops.cast(layer(x), "float32"))
    plain = layer.plain()
    assert type(plain) is keras.layers.PReLU
    assert (plain.name, plain.dtype_policy) == (layer.name, layer.dtype_policy)
    np.testing.assert_array_equal(
        y, ops.convert_to_numpy(ops.cast(plain(x), "float32"))
    )


def test_reads_the_weights_of_keras(tmp_path):
    """Weights that were saved while Keras's layer was used still load."""

    def network(layer):
        inputs = keras.Input((3, 5, 4))
        return keras.Model(inputs, layer(inputs))

    saved = network(keras.layers.PReLU(shared_axes=[1, 2], name="a"))
    saved.layers[-1].alpha.assign(ALPHA.reshape(1, 1, -1))
    saved.save_weights(tmp_path / "a.weights.h5")
    model = network(PReLU(name="a"))
    model.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(
        model.layers[-1].alpha, saved.layers[-1].alpha
    )


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_alpha_gets_a_float32_gradient_in_half_precision(gradients, policy):
    """Sums over many pixels lose nothing to the short mantissa."""
    layer = PReLU(dtype=policy)
    layer.build((None, 1))
    x = ops.cast(np.full((5000, 1), -1.0), layer.compute_dtype)
    (da,) = gradients(
        lambda a: ops.sum(ops.cast(reference.call(layer, x, [a]), "float32")),
        np.array([0.25], "float32"),
    )
    # 5000 is no bfloat16 number.
    np.testing.assert_allclose(da, [-5000])


@pytest.mark.parametrize("alpha", [float("inf"), float("nan")])
def test_bad_arguments(alpha):
    with pytest.raises(ValueError, match=f"Received: initial_alpha={alpha}"):
        PReLU(initial_alpha=alpha)
