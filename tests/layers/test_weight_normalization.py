import keras
import numpy as np
import pytest
import reference

from kerasgan.layers import WeightNormalization

# The layer, an input's shape and the axes of one unit's kernel.
KINDS = {
    "dense": (keras.layers.Dense, (4,), (9, 5), (0,)),
    "conv": (keras.layers.Conv2D, (4, 3), (6, 5, 5, 3), (0, 1, 2)),
    "transposed": (
        keras.layers.Conv2DTranspose,
        (4, 3, 2),
        (6, 3, 3, 2),
        (0, 1, 3),
    ),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def built(kind, inner=None, **options):
    layer_class, arguments, shape, axes = KINDS[kind]
    layer = WeightNormalization(
        layer_class(*arguments, **(inner or {})), **options
    )
    layer.build(shape)
    return layer, reference.float32(*shape) + 0.5, axes


def plain_outputs(layer, x, kernel, bias):
    plain = type(layer.layer).from_config(layer.layer.get_config())
    plain.build(x.shape)
    plain.set_weights([kernel, bias] if layer.layer.use_bias else [kernel])
    return np.asarray(plain(x))


@every_kind
def test_outputs(kind):
    layer, x, axes = built(kind, data_init=False)
    v = layer.kernel.numpy()
    norms = np.sqrt((v**2).sum(axes, keepdims=True))
    bias = layer.layer.bias.numpy()
    # It starts as the layer that it wraps.
    np.testing.assert_allclose(layer.g, norms.ravel(), rtol=1e-6)
    np.testing.assert_allclose(
        layer(x), plain_outputs(layer, x, v, bias), rtol=1e-4, atol=1e-5
    )
    g = reference.float32(4, seed=3)
    layer.g.assign(g)
    layer.layer.bias.assign(g[::-1])
    kernel = (g[:, None] if kind == "transposed" else g) * v / norms
    expected = plain_outputs(layer, x, kernel, g[::-1])
    for training in (False, True):
        y = layer(x, training=training)
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(layer.kernel, v)


@every_kind
@pytest.mark.parametrize("activation", [None, "tanh"])
def test_the_first_training_batch_sets_lengths_and_biases(kind, activation):
    layer, x, axes = built(kind, {"activation": activation})
    v = layer.kernel.numpy()
    layer.g.assign(reference.random(4, seed=3))
    layer.layer.bias.assign(reference.random(4, seed=4))
    layer(x, training=False)
    assert not layer.initialized.numpy()
    y = np.asarray(layer(x, training=True))
    assert layer.initialized.numpy()
    pre = np.arctanh(np.clip(y, -0.999999, 0.999999)) if activation else y
    pixels = pre.reshape(-1, 4)
    tolerance = 1e-2 if activation else 1e-5
    np.testing.assert_allclose(pixels.mean(0), 0, atol=tolerance)
    np.testing.assert_allclose(pixels.std(0), 1, atol=tolerance)
    # Equation 6, on unit directions.
    directions = v / np.sqrt((v**2).sum(axes, keepdims=True))
    layer.layer.activation = keras.activations.linear
    t = plain_outputs(layer, x, directions, np.zeros(4)).reshape(-1, 4)
    np.testing.assert_allclose(layer.effective_g, 1 / t.std(0), rtol=1e-4)
    np.testing.assert_allclose(
        layer.effective_bias, -t.mean(0) / t.std(0), rtol=1e-3, atol=1e-5
    )
    np.testing.assert_array_equal(layer.kernel, v)
    # Not again.
    before = [w.numpy().copy() for w in layer.weights]
    layer(3.0 * x + 1.0, training=True)
    for value, weight in zip(before, layer.weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_without_a_bias_the_mean_stays():
    layer, x, _ = built("dense", {"use_bias": False})
    y = np.asarray(layer(x, training=True))
    np.testing.assert_allclose(y.std(0), 1, atol=1e-5)
    assert np.abs(y.mean(0)).max() > 0.1
    assert layer.effective_bias is None and len(layer.weights) == 4


def test_a_frozen_layer_is_not_initialized():
    layer, x, _ = built("dense")
    layer.trainable = False
    layer(x, training=True)
    assert not layer.initialized.numpy()


@every_kind
def test_removal_gives_the_plain_layer(kind):
    layer, x, _ = built(kind, {"activation": "tanh"})
    layer(x, training=True)
    plain = layer.remove()
    assert type(plain) is KINDS[kind][0] and plain.name == layer.name
    assert len(plain.weights) == 2 and plain.trainable_weights
    np.testing.assert_allclose(plain(x), layer(x), rtol=1e-4, atol=1e-5)
    # The wrapper lives on, with weights of its own.
    plain.kernel.assign(0 * plain.kernel)
    assert np.abs(layer(x)).max() > 0.1


def test_other_layers_are_refused():
    with pytest.raises(
        ValueError, match="WeightNormalization wraps a layer of"
    ):
        WeightNormalization(keras.layers.Embedding(3, 4))


@pytest.mark.parametrize("kernel", ["zeros", "glorot_uniform"])
def test_a_batch_that_is_constant_sets_nothing(kernel):
    layer, _, _ = built("dense", {"kernel_initializer": kernel})
    before = np.asarray(layer.effective_g)
    layer(np.ones((1 if kernel != "zeros" else 5, 5), "float32"), training=True)
    assert layer.initialized.numpy()
    np.testing.assert_array_equal(layer.effective_g, before)
    np.testing.assert_array_equal(layer.effective_bias, 0)


def test_an_activity_regularizer_counts_once():
    inner = keras.layers.Dense(
        4, activity_regularizer=keras.regularizers.L2(0.25)
    )
    model = keras.Sequential([keras.Input((5,)), WeightNormalization(inner)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x = reference.float32(8, 5)
    loss = model.fit(x, np.zeros((8, 4)), batch_size=8, verbose=0).history
    y = np.asarray(model(x))
    expected = np.mean(y**2) + 0.25 * np.sum(y**2) / 8
    assert loss["loss"][0] == pytest.approx(expected, rel=1e-4)


def test_lengths_in_float32_also_in_pure_half_precision():
    layer = WeightNormalization(
        keras.layers.Dense(3, dtype="float16", use_bias=False), data_init=False
    )
    layer.build((2, 4))
    layer.kernel.assign([[300.0, 0, 1e-5]] * 4)
    layer.g.assign([1.0, 1.0, 1.0])
    y = layer(np.ones((2, 4), "float16"))
    np.testing.assert_allclose(
        keras.ops.cast(y[0], "float32"), [2, 0, 2], rtol=0.01
    )


def test_channels_first_statistics():
    """Where the channels are the second axis."""
    layer = WeightNormalization(
        keras.layers.Conv2D(3, 1, data_format="channels_first")
    )
    layer.build((None, 2, 4, 4))
    if keras.backend.backend() != "jax":
        pytest.skip("TensorFlow has no such convolution on a CPU")
    y = np.asarray(layer(reference.float32(6, 2, 4, 4), training=True))
    np.testing.assert_allclose(y.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std((0, 2, 3)), 1, atol=1e-5)
