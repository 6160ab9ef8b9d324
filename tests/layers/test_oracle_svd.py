"""SpectralNormalization against numpy's singular value decomposition."""

import keras
import numpy as np
import pytest

from kerasgan.layers import SpectralNormalization

# layer, input shape, output axis of the kernel
LAYERS = {
    "dense": (keras.layers.Dense(4), (2, 5), -1),
    "conv1d": (keras.layers.Conv1D(4, 3), (2, 5, 3), -1),
    "conv2d": (keras.layers.Conv2D(4, (3, 2)), (2, 5, 5, 3), -1),
    "conv3d": (keras.layers.Conv3D(4, (1, 3, 2)), (2, 4, 4, 4, 3), -1),
    "grouped": (keras.layers.Conv2D(4, 2, groups=2), (2, 4, 4, 6), -1),
    "conv1d_transpose": (
        keras.layers.Conv1DTranspose(4, 3, strides=2),
        (2, 3, 5),
        -2,
    ),
    "conv2d_transpose": (
        keras.layers.Conv2DTranspose(4, (3, 2), padding="same"),
        (2, 3, 3, 5),
        -2,
    ),
    "conv3d_transpose": (
        keras.layers.Conv3DTranspose(4, (1, 2, 2), strides=2),
        (2, 2, 2, 2, 5),
        -2,
    ),
    "embedding": (keras.layers.Embedding(7, 4), (2, 3), -1),
}
VALUES = np.array([3.0, 1.5, 1.0, 0.5])

every_layer = pytest.mark.parametrize("name", LAYERS)


def kernel_with(values, shape, axis):
    """A kernel that has these singular values as a matrix [out, rest]."""
    random = np.random.default_rng(2)
    sizes = list(shape)
    out = sizes.pop(axis)
    left, _ = np.linalg.qr(random.normal(size=(out, out)))
    right, _ = np.linalg.qr(random.normal(size=(np.prod(sizes), out)))
    matrix = left * values @ right.T
    return np.moveaxis(matrix.reshape(out, *sizes), 0, axis)


def matrix(kernel, axis):
    """[out, rest]"""
    return np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)


def largest(kernel, axis):
    return np.linalg.svd(matrix(kernel, axis), compute_uv=False)[0]


def inputs(name):
    random = np.random.default_rng(1)
    shape = LAYERS[name][1]
    if name == "embedding":
        return random.integers(0, 7, shape)
    return random.normal(size=shape).astype("float32")


def plain(name):
    """A plain layer with the kernel of chosen singular values."""
    layer, shape, axis = LAYERS[name]
    layer = type(layer).from_config(layer.get_config())
    layer.build(shape)
    weight, *others = layer.get_weights()
    layer.set_weights([kernel_with(VALUES, weight.shape, axis), *others])
    return layer


def wrong_axis(axis):
    """The axis of the input channels in the place of the output ones."""
    return -3 - axis


@every_layer
def test_the_largest_singular_value(name):
    x, axis = inputs(name), LAYERS[name][2]
    normalized = SpectralNormalization(plain(name), 15)
    normalized.build(x.shape)
    normalized(x, training=True)

    weight = normalized.kernel.numpy()
    kernel = normalized.remove().get_weights()[0]
    left, values, _ = np.linalg.svd(matrix(weight, axis), full_matrices=False)
    np.testing.assert_allclose(values, VALUES, rtol=1e-5)
    np.testing.assert_allclose(largest(kernel, axis), 1, rtol=1e-5)
    if kernel.ndim > 2:
        # (A matrix has the same singular values as its transpose.)
        assert abs(largest(kernel, wrong_axis(axis)) - 1) > 0.1
    np.testing.assert_allclose(kernel, weight / values[0], rtol=1e-5)
    u = normalized.u.numpy()
    assert u.shape == (4,)
    np.testing.assert_allclose(abs(u @ left[:, 0]), 1, rtol=1e-5)

    # And the layer works with that kernel.
    divided = plain(name)
    divided.set_weights([weight / values[0], *divided.get_weights()[1:]])
    for training in (False, True):
        np.testing.assert_allclose(
            normalized(x, training=training), divided(x), rtol=1e-5, atol=1e-5
        )
