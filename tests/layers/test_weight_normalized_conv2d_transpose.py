import numpy as np
import pytest
import reference

from kerasgan.layers import WeightNormalizedConv2DTranspose

GEOMETRIES = [
    ((3, 3), (1, 1), "same"),
    ((3, 2), (1, 1), "valid"),
    ((4, 4), (2, 2), "same"),
    ((4, 4), (2, 2), "valid"),
    ((3, 3), (2, 2), "same"),
    ((2, 4), (1, 2), "same"),
    ((1, 2), (2, 3), "valid"),
]


def formula(kernel_size, strides, padding, epsilon=1e-8):
    def compute(x, kernel, gamma=1.0, beta=0.0):
        # Filters are the last axis but one.
        squares = np.sum(kernel**2, axis=(0, 1, 3))
        n = np.sqrt(squares / (strides[0] * strides[1])) + epsilon
        y = reference.transposed_convolution(x, kernel, strides, padding)
        return gamma * y / n + beta

    return compute


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_strict(gradients, geometry):
    reference.check(
        WeightNormalizedConv2DTranspose(2, *geometry),
        formula(*geometry),
        reference.random(2, 3, 2, 3),
        [reference.random(*geometry[0], 2, 3, seed=1)],
        gradients,
    )


@pytest.mark.parametrize("geometry", GEOMETRIES[2:4])
def test_affine(gradients, geometry):
    reference.check(
        WeightNormalizedConv2DTranspose(
            2, *geometry, scale=True, use_bias=True
        ),
        formula(*geometry),
        reference.random(2, 3, 2, 3),
        [
            reference.random(*geometry[0], 2, 3, seed=1),
            reference.random(2, seed=2),
            reference.random(2, seed=3),
        ],
        gradients,
    )


def test_epsilon_stands_outside_the_root_and_the_stride_inside(gradients):
    geometry = GEOMETRIES[2]
    reference.check(
        WeightNormalizedConv2DTranspose(2, *geometry, epsilon=0.7),
        formula(*geometry, epsilon=0.7),
        reference.random(1, 2, 2, 2),
        [reference.random(4, 4, 2, 2, seed=1)],
        gradients,
    )


def test_outputs_keep_the_variance_of_the_inputs():
    """What the factor of the stride is for."""
    x = reference.float32(8, 16, 16, 8)
    layer = WeightNormalizedConv2DTranspose(64, 4, 2, "same", seed=0)
    inner = np.asarray(layer(x))[:, 1:-1, 1:-1]
    assert 0.95 < np.mean(inner**2) < 1.05


def test_output_shapes_with_unknown_sizes():
    layer = WeightNormalizedConv2DTranspose(2, 5, 2)
    shape = layer.compute_output_shape((None, None, 7, 3))
    assert shape == (None, None, 17, 2)


def test_scale_of_the_weight_does_not_matter(gradients):
    reference.check_orthogonal(
        WeightNormalizedConv2DTranspose(2, 4, 2, "same"),
        reference.float32(2, 3, 3, 3),
        -2,
        gradients,
    )


@pytest.mark.parametrize("affine", [False, True])
def test_zero_kernel(gradients, affine):
    layer = WeightNormalizedConv2DTranspose(
        2, 3, 2, scale=affine, use_bias=affine
    )
    reference.check_zero_kernel(layer, reference.float32(2, 4, 4, 3), gradients)


@pytest.mark.one_backend
def test_initial_range():
    reference.check_initial_range(
        lambda **options: WeightNormalizedConv2DTranspose(
            20, (3, 2), 2, **options
        ),
        (None, 8, 8, 10),
        60,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"filters": 0, "kernel_size": 3},
        {"filters": 1, "kernel_size": "3"},
        {"filters": 1, "kernel_size": 3, "strides": (2,)},
        {"filters": 1, "kernel_size": 3, "padding": "full"},
        {"filters": 1, "kernel_size": 3, "init_factor": -1.0},
    ],
)
def test_bad_arguments(arguments):
    with pytest.raises(ValueError, match="Received: "):
        WeightNormalizedConv2DTranspose(**arguments)
