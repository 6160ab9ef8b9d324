import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.layers import WeightNormalizedAdd


def formula(inputs, u, epsilon=1e-8):
    """`inputs` and `u` are stacked along the first axis."""
    n = np.sqrt(np.sum(u**2, axis=0)) + epsilon
    return sum(x * u_k / n for x, u_k in zip(inputs, u))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("epsilon", [1e-8, 0.7])
def test_outputs_and_gradients(gradients, count, epsilon):
    x = reference.random(count, 2, 3, 2, 4)
    u = reference.random(count, 4, seed=1)
    layer = WeightNormalizedAdd(epsilon=epsilon)
    layer.build([x.shape[1:]] * count)
    layer.set_weights([u])
    y = layer([v.astype("float32") for v in x])
    np.testing.assert_allclose(y, formula(x, u, epsilon), rtol=1e-5, atol=1e-6)

    probe = reference.random(2, 3, 2, 4, seed=2)
    found = gradients(
        lambda x, u: ops.sum(
            reference.call(layer, [x[k] for k in range(count)], [u])
            * probe.astype("float32")
        ),
        x.astype("float32"),
        u.astype("float32"),
    )
    expected = reference.differences(
        lambda x, u: np.sum(formula(x, u, epsilon) * probe), [x, u]
    )
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_initial_coefficients():
    shapes = [(None, 4, 5)] * 3
    layer = WeightNormalizedAdd()
    layer.build(shapes)
    np.testing.assert_allclose(
        layer.get_weights()[0], np.full((3, 5), 3**-0.5), rtol=1e-6
    )
    layer = WeightNormalizedAdd(initial_weights=(0, 1))
    x = reference.float32(2, 4, 5)
    np.testing.assert_allclose(layer([7 * x, x]), x, rtol=1e-6)
    np.testing.assert_array_equal(
        layer.get_weights()[0], np.stack([np.zeros(5), np.ones(5)])
    )


def test_unit_variance_stays():
    x = reference.float32(3, 4000, 2)
    y = np.asarray(WeightNormalizedAdd()([*x]))
    np.testing.assert_allclose(y.std(axis=0), 1, atol=0.05)


def test_scale_of_the_coefficients_does_not_matter(gradients):
    x = [reference.float32(3, 4), reference.float32(3, 4, seed=1)]
    layer = WeightNormalizedAdd()
    layer.build([(3, 4)] * 2)
    u = reference.float32(2, 4, seed=2)
    probe = reference.float32(3, 4, seed=3)
    (g,) = gradients(
        lambda u: ops.sum(reference.call(layer, x, [u]) * probe), u
    )
    assert np.abs(g).max() > 0.1
    np.testing.assert_allclose(np.sum(g * u, axis=0), 0, atol=1e-5)


def test_a_channel_of_zeros(gradients):
    x = [reference.float32(3, 2), reference.float32(3, 2, seed=1)]
    u = np.array([[0, 1], [0, 2]], "float32")
    layer = WeightNormalizedAdd()
    layer.build([(3, 2)] * 2)
    y = np.asarray(reference.call(layer, x, [u]))
    np.testing.assert_array_equal(y[:, 0], 0)
    (g,) = gradients(
        lambda u: ops.sum(ops.square(reference.call(layer, x, [u]) - 1.0)), u
    )
    assert np.isfinite(g).all()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"epsilon": 0.0}, "Received: epsilon=0.0"),
        ({"initial_weights": (0, 0)}, "nonzero entry"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        WeightNormalizedAdd(**arguments)


@pytest.mark.parametrize(
    "shapes, message",
    [
        ((None, 4), "expects a list of tensors"),
        ([(None, 4)], "at least two tensors"),
        ([(None, 4), (None, 5)], "of one shape"),
        ([(None, 4)] * 3, "one entry for each of the 3 inputs"),
    ],
)
def test_bad_inputs(shapes, message):
    with pytest.raises(ValueError, match=message):
        WeightNormalizedAdd(initial_weights=(0, 1)).build(shapes)
