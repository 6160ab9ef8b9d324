import keras
import numpy as np
import pytest
from keras import ops

from kerasgan.layers import ConditionalBatchNormalization

pytestmark = pytest.mark.both_backends

RNG = np.random.default_rng(0)
X = RNG.normal(2, 3, (4, 5, 6, 3)).astype("float32")
# Two classes, and a mixture of them.
CLASSES = np.array([[1, 0], [0, 1], [0, 1], [0.25, 0.75]], "float32")


def made(**options):
    """The layer with a gamma and beta of its own, and both of each example."""
    layer = ConditionalBatchNormalization(2, name="here", **options)
    layer.build([X.shape, CLASSES.shape])
    weights = RNG.normal(size=(2, 2, 3)).astype("float32")
    layer.gamma.assign(weights[0])
    layer.beta.assign(weights[1])
    each = (weights[:, None] * CLASSES[None, ..., None]).sum(2)
    return layer, *each[:, :, None, None]


def array(x):
    return ops.convert_to_numpy(ops.cast(x, "float32"))


def test_formula():
    layer, gamma, beta = made(epsilon=0.1, momentum=0.8)
    found = array(layer([X, CLASSES], training=True))
    # Statistics of all classes together.
    mean, variance = X.mean((0, 1, 2)), X.var((0, 1, 2))
    expected = gamma * (X - mean) / np.sqrt(variance + 0.1) + beta
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    mean, variance = 0.2 * mean, 0.8 + 0.2 * variance
    expected = gamma * (X - mean) / np.sqrt(variance + 0.1) + beta
    found = array(layer([X, CLASSES]))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert len(layer.trainable_weights) == len(layer.non_trainable_weights) == 2


def test_one_class_is_a_batch_normalization():
    layer = ConditionalBatchNormalization(1)
    plain = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    ones = np.ones((4, 1), "float32")
    for training in (True, False):
        np.testing.assert_allclose(
            array(layer([X, ones], training=training)),
            array(plain(X, training=training)),
            atol=1e-5,
        )


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_a_file_and_mixed_precision(policy, tmp_path):
    layer, *_ = made(epsilon=0.1, momentum=0.8, dtype=policy)
    inputs = keras.Input(X.shape[1:]), keras.Input((2,))
    model = keras.Model(inputs, layer(inputs))
    expected = array(model([X, CLASSES]))
    model.save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    np.testing.assert_array_equal(array(loaded([X, CLASSES])), expected)
    assert loaded.get_layer("here").get_config() == layer.get_config()
    exact, *_ = made(epsilon=0.1, momentum=0.8)
    exact.set_weights(layer.get_weights())
    np.testing.assert_allclose(array(exact([X, CLASSES])), expected, atol=0.1)
    assert model.output.dtype == policy.removeprefix("mixed_")
    assert {w.dtype for w in layer.weights} == {"float32"}


def test_frozen_statistics_stay():
    layer, *_ = made()
    layer = type(layer).from_config({**layer.get_config(), "trainable": False})
    layer([X, CLASSES], training=True)
    assert not layer.trainable_weights
    np.testing.assert_array_equal(layer.normalization.moving_mean, np.zeros(3))


def test_wrong_arguments():
    for count in (0, True, 2.0):
        with pytest.raises(ValueError, match="Received: num_classes="):
            ConditionalBatchNormalization(count)
    for shape in ([(4, 8, 8, 3), (4, 3)], (4, 8, 8, 3), [(4, 2)]):
        with pytest.raises(ValueError, match="class weights .N, 2."):
            ConditionalBatchNormalization(2).build(shape)
