"""The strict layers of Xiang & Li; test_oracle_torch_weight_norm.py has the
affine ones."""

import keras
import numpy as np
import pytest
import reference

from kerasgan.layers import (
    WeightNormalizedConv2D as Convolution,
    WeightNormalizedConv2DTranspose as Transposed,
    WeightNormalizedDense as Dense,
)

# The layer, its arguments, and the shape of an input.
CONVOLUTIONS = [
    (Convolution, (2, *geometry), (2, 5, 4, 3))
    for geometry in (
        ((3, 3), (2, 2), "valid"),
        ((4, 4), (2, 2), "same"),
        ((3, 3), (1, 1), "same"),
        ((3, 2), (1, 2), "same"),
        ((2, 3), (3, 1), "valid"),
    )
]
TRANSPOSED = [
    (Transposed, (2, *geometry), (2, 3, 2, 3))
    for geometry in (
        ((3, 3), (1, 1), "same"),
        ((3, 2), (1, 1), "valid"),
        ((4, 4), (2, 2), "same"),
        ((4, 4), (2, 2), "valid"),
        ((3, 3), (2, 2), "same"),
        ((2, 4), (1, 2), "same"),
        ((1, 2), (2, 3), "valid"),
    )
]
DENSE = [(Dense, (3,), (4, 5)), (Dense, (2,), (2, 3, 4, 5))]
EACH = [DENSE[0], CONVOLUTIONS[1], TRANSPOSED[2]]

each_kind = pytest.mark.parametrize("kind, arguments, shape", EACH)


def kernel_shape(kind, arguments, shape):
    units, *geometry = arguments
    if kind is Dense:
        return shape[-1], units
    ends = (shape[-1], units) if kind is Convolution else (units, shape[-1])
    return *geometry[0], *ends


def formula(kind, arguments, epsilon=1e-8):
    def compute(x, kernel, gamma=1.0, beta=0.0):
        if kind is Dense:
            n = np.sqrt(np.sum(kernel**2, axis=0))
            y = x @ kernel
        elif kind is Convolution:
            n = np.sqrt(np.sum(kernel**2, axis=(0, 1, 2)))
            y = reference.convolution(x, kernel, *arguments[2:])
        else:
            # Filters are the last axis but one, and the stride counts.
            squares = np.sum(kernel**2, axis=(0, 1, 3))
            n = np.sqrt(squares / np.prod(arguments[2]))
            y = reference.transposed_convolution(x, kernel, *arguments[2:])
        # Outside of the root.
        return gamma * y / (n + epsilon) + beta

    return compute


@pytest.mark.parametrize(
    "kind, arguments, shape, epsilon",
    [
        *((*case, 1e-8) for case in DENSE + CONVOLUTIONS + TRANSPOSED),
        *((*case, 0.7) for case in EACH),
    ],
)
def test_outputs_and_gradients(gradients, kind, arguments, shape, epsilon):
    reference.check(
        kind(*arguments, epsilon=epsilon),
        formula(kind, arguments, epsilon),
        reference.random(*shape),
        [reference.random(*kernel_shape(kind, arguments, shape), seed=1)],
        gradients,
    )


@pytest.mark.parametrize("option", ["scale", "use_bias"])
def test_scale_alone_and_bias_alone(gradients, option):
    strict = formula(*EACH[0][:2])
    argument = {"scale": "gamma", "use_bias": "beta"}[option]
    reference.check(
        Dense(3, **{option: True}),
        lambda x, kernel, other: strict(x, kernel, **{argument: other}),
        reference.random(4, 5),
        [reference.random(5, 3, seed=1), reference.random(3, seed=2)],
        gradients,
    )


@each_kind
def test_scale_of_the_weight_does_not_matter(gradients, kind, arguments, shape):
    axis = -2 if kind is Transposed else -1
    reference.check_orthogonal(
        kind(*arguments), reference.float32(*shape), axis, gradients
    )


@pytest.mark.parametrize("affine", [False, True])
@each_kind
def test_zero_kernel(gradients, kind, arguments, shape, affine):
    layer = kind(*arguments, scale=affine, use_bias=affine)
    reference.check_zero_kernel(layer, reference.float32(*shape), gradients)


@pytest.mark.one_backend
@pytest.mark.parametrize(
    "kind, arguments, shape, fan_in",
    [
        (Dense, (40,), (None, 50), 50),
        (Convolution, (20, (3, 2)), (None, 8, 8, 10), 60),
        (Transposed, (20, (3, 2), 2), (None, 8, 8, 10), 60),
    ],
)
def test_initial_range(kind, arguments, shape, fan_in):
    reference.check_initial_range(
        lambda **options: kind(*arguments, **options), shape, fan_in
    )


def test_gamma_may_start_elsewhere():
    x = reference.float32(4, 5)
    usual, strict = (
        Dense(3, scale=True, use_bias=True, seed=1),
        Dense(3, seed=1),
    )
    np.testing.assert_allclose(usual(x), strict(x), rtol=1e-6)
    large = Dense(
        3, scale=True, seed=1, gamma_initializer=keras.initializers.Constant(8)
    )
    np.testing.assert_allclose(large(x), 8 * np.asarray(usual(x)), rtol=1e-6)
    copy = Dense.from_config(large.get_config())
    np.testing.assert_array_equal(copy(x), large(x))


def test_outputs_of_transposed_ones_keep_the_variance_of_the_inputs():
    """What the factor of the stride is for."""
    x = reference.float32(8, 16, 16, 8)
    layer = Transposed(64, 4, 2, "same", seed=0)
    inner = np.asarray(layer(x))[:, 1:-1, 1:-1]
    assert 0.95 < np.mean(inner**2) < 1.05


def test_integers_mean_pairs():
    layer = Convolution(2, 3, 2)
    assert (layer.kernel_size, layer.strides) == ((3, 3), (2, 2))
    assert layer.padding == "valid"


@pytest.mark.parametrize(
    "layer, size",
    [
        (lambda: Convolution(2, 4, 2, "same"), 4),
        (lambda: Transposed(2, 5, 2), 17),
    ],
)
def test_output_shapes_with_unknown_sizes(layer, size):
    shape = layer().compute_output_shape((None, None, 7, 3))
    assert shape == (None, None, size, 2)


CONV = {"filters": 1, "kernel_size": 3}


@pytest.mark.parametrize(
    "kind, arguments, received",
    [
        (Dense, {"units": 0}, "units=0"),
        (Dense, {"units": 2.0}, "units=2.0"),
        (Dense, {"units": 2, "epsilon": 0.0}, "epsilon=0.0"),
        (Dense, {"units": 2, "epsilon": -1e-8}, "epsilon=-1e-08"),
        (Dense, {"units": 2, "init_factor": 0}, "init_factor=0"),
        (Convolution, {**CONV, "filters": 0}, "filters=0"),
        (Convolution, {**CONV, "filters": 1.0}, "filters=1.0"),
        (Convolution, {**CONV, "kernel_size": 0}, "kernel_size=0"),
        (Convolution, {**CONV, "kernel_size": (3, 3, 3)}, "kernel_size="),
        (Convolution, {**CONV, "kernel_size": (3, 1.5)}, "kernel_size="),
        (Convolution, {**CONV, "strides": 0}, "strides=0"),
        (Convolution, {**CONV, "strides": (1, -1)}, "strides="),
        (Convolution, {**CONV, "padding": "causal"}, "padding="),
        (Convolution, {**CONV, "epsilon": 0.0}, "epsilon=0.0"),
        (Transposed, {**CONV, "filters": 0}, "filters=0"),
        (Transposed, {**CONV, "kernel_size": "3"}, "kernel_size="),
        (Transposed, {**CONV, "strides": (2,)}, "strides="),
        (Transposed, {**CONV, "padding": "full"}, "padding="),
        (Transposed, {**CONV, "init_factor": -1.0}, "init_factor=-1.0"),
    ],
)
def test_bad_arguments(kind, arguments, received):
    with pytest.raises(ValueError, match=f"Received: {received}"):
        kind(**arguments)


@pytest.mark.parametrize(
    "layer, shape, message",
    [
        (Dense(3), (5,), "min_ndim=2"),
        (Convolution(2, 3), (1, 5, 5), "expected ndim=4"),
    ],
)
def test_inputs_of_another_shape_are_rejected(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer(np.zeros(shape, "float32"))
    layer(np.zeros((1, 5, 5, 3), "float32"))
    with pytest.raises(ValueError, match="expected axis -1"):
        layer(np.zeros((1, 5, 5, 2), "float32"))
