import keras
import numpy as np
import pytest
import reference

from kerasgan.layers import LayerNormalization


def formula(x, gamma, beta, epsilon=1e-5):
    axes = tuple(range(1, x.ndim))
    mean = x.mean(axes, keepdims=True)
    variance = x.var(axes, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@pytest.mark.parametrize("shape", [(3, 5), (2, 3, 4, 3)])
def test_outputs_and_gradients(gradients, shape):
    channels = shape[-1]
    reference.check(
        LayerNormalization(),
        formula,
        2.0 + reference.random(*shape),
        [
            reference.random(channels, seed=1),
            reference.random(channels, seed=2),
        ],
        gradients,
    )


def test_each_example_for_itself():
    layer, x = LayerNormalization(), reference.float32(3, 4, 4, 2)
    y = np.asarray(layer(x))
    np.testing.assert_allclose(y.mean((1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(y.std((1, 2, 3)), 1, atol=1e-4)
    np.testing.assert_allclose(layer(x[1:2]), y[1:2], rtol=1e-5, atol=1e-6)
    # Channels are not normalized apart from each other.
    assert np.abs(y.mean((1, 2))).max() > 0.01


def test_any_size_with_the_same_weights():
    layer = LayerNormalization()
    layer(reference.float32(2, 4, 4, 3))
    gamma, beta = reference.random(3, seed=1), reference.random(3, seed=2)
    layer.set_weights([gamma, beta])
    x = reference.float32(2, 6, 2, 3)
    np.testing.assert_allclose(
        layer(x), formula(x, gamma, beta), rtol=1e-4, atol=1e-5
    )


def test_the_scale_and_offset_of_the_input_do_not_matter():
    layer, x = LayerNormalization(epsilon=1e-12), reference.float32(2, 3, 3, 2)
    y = np.asarray(layer(x))
    np.testing.assert_allclose(layer(50 * x + 7), y, rtol=1e-3, atol=1e-4)


def test_a_constant_input_gives_beta():
    layer = LayerNormalization()
    y = np.asarray(layer(np.full((2, 3, 3, 2), 5.0, "float32")))
    np.testing.assert_allclose(y, 0, atol=1e-6)


def test_statistics_in_float32_under_mixed_precision():
    """In float16 the sum of these squares would overflow."""
    x = 100 + reference.float32(2, 32, 32, 8)
    layer = LayerNormalization(dtype="mixed_float16")
    y = np.asarray(keras.ops.cast(layer(x), "float32"))
    x = x.astype("float16").astype("float64")
    np.testing.assert_allclose(y, formula(x, 1, 0), atol=0.01)


@pytest.mark.parametrize("epsilon", [0, -1.0])
def test_bad_epsilon_is_refused(epsilon):
    with pytest.raises(ValueError, match=f"Received: epsilon={epsilon}"):
        LayerNormalization(epsilon)
