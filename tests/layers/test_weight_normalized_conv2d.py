import numpy as np
import pytest
import reference

from kerasgan.layers import WeightNormalizedConv2D

GEOMETRIES = [
    ((3, 3), (2, 2), "valid"),
    ((4, 4), (2, 2), "same"),
    ((3, 3), (1, 1), "same"),
    ((3, 2), (1, 2), "same"),
    ((2, 3), (3, 1), "valid"),
]


def formula(kernel_size, strides, padding, epsilon=1e-8):
    def compute(x, kernel, gamma=1.0, beta=0.0):
        n = np.sqrt(np.sum(kernel**2, axis=(0, 1, 2))) + epsilon
        y = reference.convolution(x, kernel, strides, padding)
        return gamma * y / n + beta

    return compute


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_strict(gradients, geometry):
    reference.check(
        WeightNormalizedConv2D(2, *geometry),
        formula(*geometry),
        reference.random(2, 5, 4, 3),
        [reference.random(*geometry[0], 3, 2, seed=1)],
        gradients,
    )


@pytest.mark.parametrize("geometry", GEOMETRIES[1:2])
def test_affine(gradients, geometry):
    reference.check(
        WeightNormalizedConv2D(2, *geometry, scale=True, use_bias=True),
        formula(*geometry),
        reference.random(2, 5, 4, 3),
        [
            reference.random(*geometry[0], 3, 2, seed=1),
            reference.random(2, seed=2),
            reference.random(2, seed=3),
        ],
        gradients,
    )


def test_epsilon_stands_outside_the_root(gradients):
    geometry = GEOMETRIES[0]
    reference.check(
        WeightNormalizedConv2D(2, *geometry, epsilon=0.7),
        formula(*geometry, epsilon=0.7),
        reference.random(1, 3, 3, 2),
        [reference.random(3, 3, 2, 2, seed=1)],
        gradients,
    )


def test_integers_mean_pairs():
    layer = WeightNormalizedConv2D(2, 3, 2)
    assert (layer.kernel_size, layer.strides) == ((3, 3), (2, 2))
    assert layer.padding == "valid"


def test_output_shapes_with_unknown_sizes():
    layer = WeightNormalizedConv2D(2, 4, 2, "same")
    shape = layer.compute_output_shape((None, None, 7, 3))
    assert shape == (None, None, 4, 2)


def test_scale_of_the_weight_does_not_matter(gradients):
    reference.check_orthogonal(
        WeightNormalizedConv2D(2, 4, 2, "same"),
        reference.float32(2, 6, 6, 3),
        -1,
        gradients,
    )


@pytest.mark.parametrize("affine", [False, True])
def test_zero_kernel(gradients, affine):
    layer = WeightNormalizedConv2D(2, 3, scale=affine, use_bias=affine)
    reference.check_zero_kernel(layer, reference.float32(2, 4, 4, 3), gradients)


@pytest.mark.one_backend
def test_initial_range():
    reference.check_initial_range(
        lambda **options: WeightNormalizedConv2D(20, (3, 2), **options),
        (None, 8, 8, 10),
        60,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"filters": 0, "kernel_size": 3},
        {"filters": 1.0, "kernel_size": 3},
        {"filters": 1, "kernel_size": 0},
        {"filters": 1, "kernel_size": (3, 3, 3)},
        {"filters": 1, "kernel_size": (3, 1.5)},
        {"filters": 1, "kernel_size": 3, "strides": 0},
        {"filters": 1, "kernel_size": 3, "strides": (1, -1)},
        {"filters": 1, "kernel_size": 3, "padding": "causal"},
        {"filters": 1, "kernel_size": 3, "epsilon": 0.0},
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="Received: "):
        WeightNormalizedConv2D(**arguments)


def test_other_inputs_are_refused():
    layer = WeightNormalizedConv2D(2, 3)
    with pytest.raises(ValueError, match="expected ndim=4"):
        layer(np.zeros((1, 5, 5), "float32"))
    layer(np.zeros((1, 5, 5, 3), "float32"))
    with pytest.raises(ValueError, match="expected axis -1"):
        layer(np.zeros((1, 5, 5, 2), "float32"))
