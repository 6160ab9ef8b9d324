"""Numpy forms of the layers, in float64, written for clarity alone."""

import keras
import numpy as np
from keras import ops


def norm(kernel, output_axis, epsilon=1e-8, divisor=1):
    """n_o, shaped to divide the kernel."""
    axes = tuple(
        a for a in range(kernel.ndim) if a != output_axis % kernel.ndim
    )
    squares = np.sum(kernel**2, axis=axes, keepdims=True)
    return np.sqrt(squares / divisor) + epsilon


def convolution(x, kernel, strides, padding):
    """Cross-correlation, pixel by pixel and tap by tap."""
    kh, kw, _, filters = kernel.shape
    (height, top), (width, left) = (
        _convolved(n, k, s, padding)
        for n, k, s in zip(x.shape[1:3], (kh, kw), strides)
    )
    y = np.zeros((len(x), height, width, filters))
    for i, j, p, q in np.ndindex(height, width, kh, kw):
        row, column = i * strides[0] + p - top, j * strides[1] + q - left
        if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
            y[:, i, j] += x[:, row, column] @ kernel[p, q]
    return y


def _convolved(n, k, s, padding):
    """Output size and the padding in front of the input."""
    if padding == "valid":
        return (n - k) // s + 1, 0
    size = -(-n // s)
    return size, max((size - 1) * s + k - n, 0) // 2


def transposed_convolution(x, kernel, strides, padding):
    """Every input pixel adds its filters' taps to the output."""
    kh, kw, filters, _ = kernel.shape
    (height, top), (width, left) = (
        _transposed(n, k, s, padding)
        for n, k, s in zip(x.shape[1:3], (kh, kw), strides)
    )
    y = np.zeros((len(x), height, width, filters))
    for i, j, p, q in np.ndindex(*x.shape[1:3], kh, kw):
        row, column = i * strides[0] + p - top, j * strides[1] + q - left
        if 0 <= row < height and 0 <= column < width:
            y[:, row, column] += x[:, i, j] @ kernel[p, q].T
    return y


def _transposed(n, k, s, padding):
    """Output size and what is cut off in front of it."""
    if padding == "valid":
        return n * s + max(k - s, 0), 0
    return n * s, max(k - s, 0) // 2


def differences(function, arrays, step=1e-6):
    """Gradients of a scalar function of float64 arrays, by differences."""
    found = []
    for array in arrays:
        gradient = np.zeros_like(array)
        for at in np.ndindex(array.shape):
            value = array[at]
            array[at] = value + step
            above = function(*arrays)
            array[at] = value - step
            below = function(*arrays)
            array[at] = value
            gradient[at] = (above - below) / (2 * step)
        found.append(gradient)
    return found


def call(layer, inputs, weights):
    """A layer as a pure function of its inputs and its trainable weights."""
    outputs, _ = layer.stateless_call(
        list(weights), layer.non_trainable_variables, inputs
    )
    return outputs


def check(layer, formula, x, weights, gradients, tolerance=2e-5):
    """Hold a layer's outputs and all its gradients against a formula.

    Args:
        layer: not built yet.
        formula: `formula(x, *weights)` in numpy.
        x: float64 input.
        weights: float64 arrays, in the order of the layer's weights.
        gradients: the fixture.
        tolerance: absolute and relative.
    """
    layer.build(x.shape)
    layer.set_weights(weights)
    expected = formula(x, *weights)
    y = np.asarray(layer(x.astype("float32")))
    assert y.dtype == np.float32
    assert y.shape == expected.shape == layer.compute_output_shape(x.shape)
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)

    probe = np.random.default_rng(9).normal(size=expected.shape)
    found = gradients(
        lambda x, *w: ops.sum(call(layer, x, w) * probe.astype("float32")),
        *(a.astype("float32") for a in (x, *weights)),
    )
    expected = differences(
        lambda x, *w: np.sum(formula(x, *w) * probe), [x, *weights]
    )
    for a, b in zip(found, expected, strict=True):
        scale = max(1, np.abs(b).max())
        np.testing.assert_allclose(a, b, rtol=0, atol=10 * tolerance * scale)


def check_orthogonal(layer, x, output_axis, gradients):
    """The scale of a strict layer's raw weight does not matter.

    So its outputs do not change with it, the gradient is at right angles to it
    unit by unit, and shrinks as the weight grows.
    """
    layer.build(x.shape)
    kernel = layer.get_weights()[0]
    probe = np.random.default_rng(9).normal(size=layer(x).shape)

    def loss(x, w):
        return ops.sum(call(layer, x, [w]) * probe.astype("float32"))

    (small,) = gradients(lambda w: loss(x, w), kernel)
    (large,) = gradients(lambda w: loss(x, w), 8 * kernel)
    np.testing.assert_allclose(large, small / 8, rtol=1e-4, atol=1e-6)
    assert np.abs(small).max() > 0.01
    axes = tuple(
        a for a in range(kernel.ndim) if a != output_axis % kernel.ndim
    )
    lengths = np.sqrt((kernel**2).sum(axes) * (small**2).sum(axes))
    cosines = (kernel * small).sum(axes) / lengths
    np.testing.assert_allclose(cosines, 0, atol=1e-5)
    y = np.asarray(layer(x))
    layer.set_weights([8 * kernel])
    np.testing.assert_allclose(layer(x), y, rtol=1e-5, atol=1e-6)


def check_zero_kernel(layer, x, gradients):
    """A kernel of zeros gives zeros, and gradients that are numbers."""
    layer.build(x.shape)
    weights = [
        w * 0 if i == 0 else w for i, w in enumerate(layer.get_weights())
    ]
    layer.set_weights(weights)
    y = np.asarray(layer(x))
    np.testing.assert_array_equal(y, np.zeros_like(y))
    found = gradients(
        lambda x, *w: ops.sum(ops.square(call(layer, x, w) - 1.0)), x, *weights
    )
    assert all(np.isfinite(g).all() for g in found)


def check_initial_range(make, input_shape, fan_in):
    """U(-f, f) / sqrt(fan_in), with the factor f and a seed."""
    for factor in (1.0, 0.01):
        layer = make(init_factor=factor, seed=3)
        layer.build(input_shape)
        kernel = layer.get_weights()[0]
        limit = factor / np.sqrt(fan_in)
        assert kernel.size >= 1000
        assert 0.98 * limit < kernel.max() <= limit
        assert -limit <= kernel.min() < -0.98 * limit
        # The variance of a uniform distribution is a third of its limit's
        # square.
        assert abs(kernel.mean()) < 0.1 * limit
        assert abs(np.mean(kernel**2) / limit**2 - 1 / 3) < 0.05
        again = make(init_factor=factor, seed=3)
        again.build(input_shape)
        np.testing.assert_array_equal(again.get_weights()[0], kernel)
        other = make(init_factor=factor)
        other.build(input_shape)
        assert (other.get_weights()[0] != kernel).all()


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def float32(*shape, seed=0):
    return random(*shape, seed=seed).astype("float32")


def is_jax():
    return keras.backend.backend() == "jax"
