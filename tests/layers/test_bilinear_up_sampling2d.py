import keras
import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.layers import BilinearUpSampling2D


def line(values, size):
    """Linear interpolation between pixel centers, by numpy."""
    old = np.arange(len(values)) + 0.5
    new = (np.arange(len(values) * size) + 0.5) / size
    return np.interp(new, old, values)


@pytest.mark.parametrize(
    "size, shape",
    [(2, (2, 4, 6, 3)), ((3, 2), (1, 5, 3, 2)), ((1, 4), (1, 1, 2, 1))],
)
def test_values(size, shape):
    x, layer = reference.float32(*shape), BilinearUpSampling2D(size)
    y = np.asarray(layer(x))
    expected = np.apply_along_axis(line, 1, x, layer.size[0])
    expected = np.apply_along_axis(line, 2, expected, layer.size[1])
    assert y.dtype == np.float32
    assert y.shape == layer.compute_output_shape(shape) == expected.shape
    np.testing.assert_allclose(y, expected, atol=2e-6)
    # What networks of earlier versions hold, and inference uses.
    plain = layer.plain()
    assert (plain.interpolation, plain.name) == ("bilinear", layer.name)
    np.testing.assert_allclose(plain(x), y, atol=2e-6)


def test_images_of_any_size():
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, BilinearUpSampling2D((2, 3))(inputs))
    assert model.output_shape == (None, None, None, 2)
    for shape in ((2, 3, 4, 2), (1, 5, 2, 2)):
        x = reference.float32(*shape)
        expected = BilinearUpSampling2D((2, 3))(x)
        np.testing.assert_allclose(model(x), expected, atol=2e-6)


@pytest.mark.parametrize("half", ["bfloat16", "float16"])
@pytest.mark.parametrize("policy", ["mixed_", ""])
def test_half_precision(half, policy):
    x = reference.float32(2, 4, 4, 3)
    y = BilinearUpSampling2D(dtype=policy + half)(x)
    assert keras.backend.standardize_dtype(y.dtype) == half
    tolerance = {"bfloat16": 0.03, "float16": 0.004}[half]
    np.testing.assert_allclose(
        ops.cast(y, "float32"),
        BilinearUpSampling2D()(x),
        rtol=tolerance,
        atol=tolerance,
    )


def test_files(tmp_path):
    inputs = keras.Input((4, 4, 2))
    layers = (
        BilinearUpSampling2D((1, 2), name="here"),
        keras.layers.Conv2D(3, 3),
    )
    model = keras.Sequential([inputs, *layers])
    x = reference.float32(1, 4, 4, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.get_layer("here").get_config() == layers[0].get_config()
    np.testing.assert_array_equal(loaded(x), model(x))
    # Weights that were saved with Keras's layer in its place.
    before = keras.layers.UpSampling2D((1, 2), interpolation="bilinear")
    before = keras.Sequential([inputs, before, keras.layers.Conv2D(3, 3)])
    before.save_weights(tmp_path / "before.weights.h5")
    model.load_weights(tmp_path / "before.weights.h5")
    np.testing.assert_allclose(model(x), before(x), atol=2e-6)


@pytest.mark.parametrize("size", [0, -1, 1.5, True, "2", (2,), (2, 0)])
def test_bad_sizes(size):
    with pytest.raises(ValueError, match="Received: size="):
        BilinearUpSampling2D(size)
