import keras
import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.layers import (
    Reparametrization,
    WeightNormalizedConv2D,
    WeightNormalizedDense,
    one_iteration,
    reparametrizations,
    shared_kernels,
)


class Counting(WeightNormalizedDense):
    """Counts how often its kernel is computed."""

    computed = 0

    def compute_kernel(self):
        self.computed += 1
        return super().compute_kernel()


def built(width=4, units=4):
    layer = Counting(units)
    layer.build((None, width))
    return layer


def test_each_call_computes_the_kernel():
    layer, x = built(), reference.float32(3, 4)
    layer(layer(x))
    assert layer.computed == 2


def test_shared_kernels_are_computed_once():
    a, b, x = built(), built(), reference.float32(3, 4)
    expected = b(a(a(x)))
    a.computed = b.computed = 0
    with shared_kernels():
        found = b(a(a(x)))
        b(x)
    assert (a.computed, b.computed) == (1, 1)
    np.testing.assert_array_equal(found, expected)


def test_a_kernel_does_not_outlive_its_block():
    layer, x = built(), reference.float32(3, 4)
    with shared_kernels():
        before = np.asarray(layer(x))
    layer.set_weights([reference.float32(4, 4, seed=5)])
    with shared_kernels():
        after = np.asarray(layer(x))
        with shared_kernels():
            layer(x)
        layer(x)
    assert layer.computed == 3
    assert np.abs(after - before).max() > 0.1
    np.testing.assert_array_equal(layer(x), after)


def test_a_block_that_fails_is_left():
    layer, x = built(), reference.float32(3, 4)
    with pytest.raises(RuntimeError), shared_kernels():
        layer(x)
        raise RuntimeError
    layer(x)
    assert layer.computed == 2


def test_shared_kernels_have_the_same_gradients(gradients):
    layer = built()
    first = WeightNormalizedConv2D(4, 2)
    first.build((None, 2, 2, 3))
    real, fake = (reference.float32(3, 2, 2, 3, seed=s) for s in (0, 1))

    def discriminator(x, w, v):
        hidden = ops.reshape(reference.call(first, x, [w]), (-1, 4))
        return reference.call(layer, ops.tanh(hidden), [v])

    def loss(w, v):
        return ops.mean(ops.softplus(-discriminator(real, w, v))) + ops.mean(
            ops.softplus(discriminator(fake, w, v))
        )

    def shared(w, v):
        with shared_kernels():
            return loss(w, v)

    weights = first.get_weights() + layer.get_weights()
    expected = gradients(loss, *weights)
    layer.computed = 0
    found = gradients(shared, *weights)
    assert layer.computed == 1
    for a, b in zip(found, expected, strict=True):
        assert np.abs(b).max() > 1e-3
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_a_norm_is_never_computed_in_half_precision():
    """Squares of these weights leave the range of float16 on both sides."""
    for size in (1e-5, 300.0):
        layer = WeightNormalizedDense(2, dtype="mixed_float16")
        layer.build((None, 8))
        layer.set_weights([np.full((8, 2), size)])
        assert layer.kernel.dtype == "float32"
        y = ops.cast(layer(np.ones((1, 8), "float32")), "float32")
        np.testing.assert_allclose(y, np.full((1, 2), 8**0.5), rtol=2e-3)


def test_the_base_class_wants_a_kernel():
    with pytest.raises(NotImplementedError):
        Reparametrization().effective_kernel()


def test_training_moves_the_raw_weight_by_its_gradient(gradients):
    """Nothing but the optimizer assigns to it."""
    x, target = reference.float32(4, 5), reference.float32(4, 3, seed=1)
    model = keras.Sequential([keras.Input((5,)), WeightNormalizedDense(3)])
    kernel = model.get_weights()[0]

    def loss(w):
        y = reference.call(model.layers[0], x, [w])
        return ops.mean(ops.square(y - target))

    (expected,) = gradients(loss, kernel)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.fit(x, target, batch_size=4, verbose=0)
    np.testing.assert_allclose(
        model.get_weights()[0], kernel - 0.1 * expected, rtol=1e-5, atol=1e-6
    )


def test_a_new_layer_does_not_get_the_kernel_of_a_deleted_one():
    x = np.eye(3, dtype="float32")[:2]
    with shared_kernels():
        for seed in range(30):
            layer = WeightNormalizedDense(2, seed=seed)
            y = np.asarray(layer(x))
            kernel = np.asarray(layer.compute_kernel())
            np.testing.assert_allclose(y, kernel[:2], rtol=1e-5)
            del layer


def test_a_shared_layer_is_one_layer():
    layer = built()
    inputs = keras.Input((4,))
    models = [keras.Model(inputs, layer(inputs)) for _ in range(2)]
    assert reparametrizations(*models) == [layer]


def test_one_iteration_needs_built_models():
    layer = WeightNormalizedDense(2, name="here")
    with pytest.raises(ValueError, match="Received: here.built=False"):
        with one_iteration(layer):
            pass
