import keras
import numpy as np
import pytest
import reference

from kerasgan.layers import WeightNormalizedDense


def formula(x, kernel, gamma=1.0, beta=0.0, epsilon=1e-8):
    n = np.sqrt(np.sum(kernel**2, axis=0)) + epsilon
    return gamma * (x @ kernel) / n + beta


def test_strict(gradients):
    reference.check(
        WeightNormalizedDense(3),
        formula,
        reference.random(4, 5),
        [reference.random(5, 3, seed=1)],
        gradients,
    )


def test_affine(gradients):
    reference.check(
        WeightNormalizedDense(3, scale=True, use_bias=True),
        formula,
        reference.random(4, 5),
        [
            reference.random(5, 3, seed=1),
            reference.random(3, seed=2),
            reference.random(3, seed=3),
        ],
        gradients,
    )


def test_scale_alone_and_bias_alone(gradients):
    x, kernel = reference.random(4, 5), reference.random(5, 3, seed=1)
    other = reference.random(3, seed=2)
    reference.check(
        WeightNormalizedDense(3, scale=True),
        formula,
        x,
        [kernel, other],
        gradients,
    )
    reference.check(
        WeightNormalizedDense(3, use_bias=True),
        lambda x, kernel, beta: formula(x, kernel, 1.0, beta),
        x,
        [kernel, other],
        gradients,
    )


def test_epsilon_stands_outside_the_root(gradients):
    reference.check(
        WeightNormalizedDense(3, epsilon=0.7),
        lambda x, kernel: formula(x, kernel, epsilon=0.7),
        reference.random(4, 5),
        [reference.random(5, 3, seed=1)],
        gradients,
    )


def test_more_axes(gradients):
    reference.check(
        WeightNormalizedDense(2),
        formula,
        reference.random(2, 3, 4, 5),
        [reference.random(5, 2, seed=1)],
        gradients,
    )


def test_gamma_may_start_elsewhere():
    x = reference.float32(4, 5)
    usual = WeightNormalizedDense(3, scale=True, seed=1)
    large = WeightNormalizedDense(
        3, scale=True, seed=1, gamma_initializer=keras.initializers.Constant(8)
    )
    np.testing.assert_allclose(large(x), 8 * np.asarray(usual(x)), rtol=1e-6)
    copy = WeightNormalizedDense.from_config(large.get_config())
    np.testing.assert_array_equal(copy(x), large(x))


def test_affine_starts_as_strict():
    x = reference.float32(4, 5)
    affine = WeightNormalizedDense(3, scale=True, use_bias=True, seed=1)
    strict = WeightNormalizedDense(3, seed=1)
    np.testing.assert_allclose(affine(x), strict(x), rtol=1e-6)


def test_scale_of_the_weight_does_not_matter(gradients):
    reference.check_orthogonal(
        WeightNormalizedDense(3), reference.float32(4, 5), -1, gradients
    )


@pytest.mark.parametrize("affine", [False, True])
def test_zero_kernel(gradients, affine):
    layer = WeightNormalizedDense(3, scale=affine, use_bias=affine)
    reference.check_zero_kernel(layer, reference.float32(4, 5), gradients)


@pytest.mark.one_backend
def test_initial_range():
    reference.check_initial_range(
        lambda **options: WeightNormalizedDense(40, **options), (None, 50), 50
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"units": 0},
        {"units": 2.0},
        {"units": 2, "epsilon": 0.0},
        {"units": 2, "epsilon": -1e-8},
        {"units": 2, "init_factor": 0},
    ],
)
def test_bad_arguments(arguments):
    name, value = list(arguments.items())[-1]
    with pytest.raises(ValueError, match=f"Received: {name}={value}"):
        WeightNormalizedDense(**arguments)


def test_other_input_widths_are_refused():
    layer = WeightNormalizedDense(3)
    layer(np.zeros((1, 5), "float32"))
    with pytest.raises(ValueError, match="expected axis -1"):
        layer(np.zeros((1, 6), "float32"))
    with pytest.raises(ValueError, match="min_ndim=2"):
        WeightNormalizedDense(3)(np.zeros(5, "float32"))
