import keras
import numpy as np
import pytest
import reference
from keras import ops

import kerasgan
from kerasgan.layers import SpectralNormalization, one_iteration, shared_kernels

# The layer, an input's shape, and the kernel as [out, rest].
KINDS = {
    "dense": (lambda: keras.layers.Dense(4), (3, 5), lambda w: w.T),
    "conv": (
        lambda: keras.layers.Conv2D(4, 3, strides=2),
        (2, 5, 5, 3),
        lambda w: w.reshape(-1, 4).T,
    ),
    "transposed": (
        lambda: keras.layers.Conv2DTranspose(4, 3, strides=2),
        (2, 3, 3, 2),
        lambda w: np.moveaxis(w, 2, 0).reshape(4, -1),
    ),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def unit(x):
    return x / np.linalg.norm(x)


def built(kind, **options):
    make, shape, matrix = KINDS[kind]
    layer = SpectralNormalization(make(), **options)
    layer.build(shape)
    layer.layer.bias.assign(reference.random(4, seed=5))
    return layer, reference.float32(*shape), matrix


def plain_outputs(layer, x, kernel):
    """The wrapped layer with another kernel, by Keras itself."""
    plain = type(layer.layer).from_config(layer.layer.get_config())
    plain.build(x.shape)
    plain.set_weights([kernel, layer.layer.bias.numpy()])
    return np.asarray(plain(x))


def spectral_norm(layer, matrix):
    kernel = matrix(np.asarray(layer.compute_kernel(), "float64"))
    return np.linalg.svd(kernel, compute_uv=False)[0]


@every_kind
@pytest.mark.parametrize("iterations", [1, 3])
def test_training_and_inference_against_numpy(kind, iterations):
    layer, x, matrix = built(kind, power_iterations=iterations)
    weight = layer.kernel.numpy().astype("float64")
    w, u = matrix(weight), layer.u.numpy().astype("float64")
    assert abs(np.linalg.norm(u) - 1) < 1e-6
    for _ in range(3):
        y = layer(x, training=True)
        for _ in range(iterations):
            v = unit(w.T @ u)
            u = unit(w @ v)
        np.testing.assert_allclose(layer.u, u, atol=1e-5)
        expected = plain_outputs(layer, x, weight / (u @ w @ v))
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
    # Inference has the better v of the last u.
    expected = plain_outputs(layer, x, weight / (u @ w @ unit(w.T @ u)))
    np.testing.assert_allclose(layer(x), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.u, u, atol=1e-5)
    np.testing.assert_array_equal(layer.kernel, weight.astype("float32"))


@every_kind
def test_a_kernel_of_zeros(kind, gradients):
    layer, x, matrix = built(kind)
    layer.layer.bias.assign(np.zeros(4))
    # Whose largest singular value is well above the second.
    weight = reference.float32(*layer.kernel.shape, seed=3)
    u = layer.u.numpy()
    layer.kernel.assign(0 * weight)
    for training in (True, False):
        y = np.asarray(layer(x, training=training))
        np.testing.assert_array_equal(y, np.zeros_like(y))
    (found,) = gradients(
        lambda w: ops.sum(
            ops.square(reference.call(layer, x, [w, layer.layer.bias]) - 1.0)
        ),
        layer.kernel.numpy(),
    )
    assert np.isfinite(found).all()
    # It recovers: u is as it was.
    np.testing.assert_array_equal(layer.u, u)
    layer.kernel.assign(weight)
    for _ in range(30):
        layer(x, training=True)
    assert abs(spectral_norm(layer, matrix) - 1) < 1e-3


@every_kind
def test_a_frozen_layer_is_frozen(kind):
    layer, x, _ = built(kind)
    layer.trainable = False
    before = [w.numpy().copy() for w in layer.weights]
    y = np.asarray(layer(x))
    np.testing.assert_array_equal(layer(x, training=True), y)
    with one_iteration(layer):
        np.testing.assert_array_equal(layer(x, training=True), y)
    for value, weight in zip(before, layer.weights, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


@every_kind
def test_one_iteration(kind):
    """u moves at the start, and then u and v stay, also when W does not."""
    layer, x, matrix = built(kind)
    model = keras.Sequential([keras.Sequential([layer])])
    weight = layer.kernel.numpy().astype("float64")
    v = unit(matrix(weight).T @ layer.u.numpy())
    u = unit(matrix(weight) @ v)
    other = reference.random(*weight.shape, seed=6)
    with one_iteration(model):
        for value in (weight, weight, other):
            layer.kernel.assign(value)
            expected = plain_outputs(layer, x, value / (u @ matrix(value) @ v))
            y = layer(x, training=True)
            np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(layer.u, u, atol=1e-5)
    # Outside each call moves it again.
    layer(x, training=True)
    moved = unit(matrix(other) @ unit(matrix(other).T @ u))
    np.testing.assert_allclose(layer.u, moved, atol=1e-5)


def test_a_block_of_one_iteration_that_fails_is_left():
    layer, x, _ = built("dense")
    with pytest.raises(RuntimeError), one_iteration(layer):
        raise RuntimeError
    before = layer.u.numpy()
    layer(x, training=True)
    assert np.abs(layer.u.numpy() - before).max() > 0


def test_u_moves_once_where_kernels_are_shared():
    layer, x, matrix = built("dense")
    w = matrix(layer.kernel.numpy())
    expected = unit(w @ unit(w.T @ layer.u.numpy()))
    with shared_kernels():
        first = np.asarray(layer(x, training=True))
        np.testing.assert_array_equal(layer(x, training=True), first)
    np.testing.assert_allclose(layer.u, expected, atol=1e-5)


def test_embeddings_are_floats():
    layer = SpectralNormalization(keras.layers.Embedding(7, 3, mask_zero=True))
    for _ in range(100):
        y = layer(np.array([[0, 1, 6]]), training=True)
    assert keras.backend.standardize_dtype(y.dtype) == "float32"
    table = layer.kernel.numpy()
    expected = table / np.linalg.svd(table)[1][0]
    np.testing.assert_allclose(y, expected[None, [0, 1, 6]], atol=1e-5)
    mask = layer.compute_mask(ops.convert_to_tensor([[0, 1, 6]]))
    np.testing.assert_array_equal(mask, [[False, True, True]])
    assert layer.remove()(np.array([1])).shape == (1, 3)


def test_regularizers_of_the_wrapped_layer_still_count():
    inner = keras.layers.Dense(
        4,
        kernel_regularizer=keras.regularizers.L2(0.5),
        activity_regularizer=keras.regularizers.L2(0.25),
    )
    model = keras.Sequential([keras.Input((5,)), SpectralNormalization(inner)])
    model.compile("sgd", "mse")
    x = reference.float32(8, 5)
    y = np.asarray(model(x))
    found = model.evaluate(x, y, batch_size=8, verbose=0)
    activity = 0.25 * np.sum(y**2) / 8
    assert found == pytest.approx(
        activity + 0.5 * np.sum(inner.kernel.numpy() ** 2), rel=1e-4
    )


@pytest.mark.parametrize(
    "layer", [keras.layers.DepthwiseConv2D(3), keras.layers.ReLU(), "dense"]
)
def test_other_layers_are_refused(layer):
    with pytest.raises(
        ValueError, match="wraps a layer of Dense, .*Received: "
    ):
        SpectralNormalization(layer)


@pytest.mark.parametrize("iterations", [0, 1.5])
def test_bad_iterations_are_refused(iterations):
    with pytest.raises(ValueError, match=f"power_iterations={iterations}"):
        SpectralNormalization(keras.layers.Dense(3), iterations)


def test_a_low_rank_adapted_layer_is_refused():
    inner = keras.layers.Dense(3)
    inner.build((2, 5))
    inner.enable_lora(1)
    with pytest.raises(ValueError, match="neither low-rank adapted"):
        SpectralNormalization(inner).build((2, 5))


def test_removing_needs_a_built_layer():
    with pytest.raises(ValueError, match="needs a built layer"):
        SpectralNormalization(keras.layers.Dense(3)).remove()


def test_a_model_that_fit_builds():
    """Its initial u is drawn while a step is traced."""
    layer = SpectralNormalization(keras.layers.Dense(4))
    model = keras.Sequential([layer])
    model.compile("sgd", "mse")
    model.fit(reference.float32(8, 5), reference.float32(8, 4), verbose=0)
    assert abs(np.linalg.norm(layer.u) - 1) < 1e-6


@pytest.mark.filterwarnings("ignore:Layer InputLayer does not")
def test_a_layer_is_neither_adapted_nor_quantized_later():
    layer, x, _ = built("dense")
    before = np.asarray(layer(x))
    cannot = "SpectralNormalization .* cannot be "
    with pytest.raises(NotImplementedError, match=f"{cannot}low-rank adapted"):
        layer.layer.enable_lora(1)
    for either in (layer, layer.layer):
        with pytest.raises(NotImplementedError, match=f"{cannot}quantized"):
            either.quantize("int8")
    # A model quantizes the others and says what it leaves.
    inputs = keras.Input(x.shape[1:])
    other = keras.layers.Dense(2)
    model = keras.Model(inputs, other(layer(inputs)))
    with pytest.warns(UserWarning, match=f"{cannot}quantized"):
        model.quantize("int8")
    assert other.quantization_mode == "int8"
    np.testing.assert_array_equal(layer(x), before)
    # As the message has it.
    plain = kerasgan.serving.fold(keras.Model(inputs, layer(inputs)))
    plain.quantize("int8")
    np.testing.assert_allclose(plain(x), before, atol=0.05)


@pytest.mark.parametrize("policy", ["float16", "bfloat16"])
def test_norms_are_in_float32_also_in_pure_half_precision(policy):
    """300 squared is no float16 number."""
    layer = SpectralNormalization(keras.layers.Dense(4, dtype=policy))
    layer.build((2, 5))
    assert (layer.u.dtype, layer.kernel.dtype) == ("float32", policy)
    layer.kernel.assign(300 * np.ones((5, 4)))
    x = np.ones((2, 5), policy if policy == "float16" else "float32")
    for _ in range(3):
        y = layer(x, training=True)
    # Of ones it is the root of 20.
    np.testing.assert_allclose(
        ops.cast(y, "float32"), 5 / np.sqrt(20), rtol=0.02
    )


def test_indices_of_embeddings_are_not_rounded():
    """1001 is no bfloat16 number."""
    layer = SpectralNormalization(
        keras.layers.Embedding(1010, 2, dtype="mixed_bfloat16")
    )
    found = layer(np.array([1001.0], "float32"))
    expected = np.asarray(layer.compute_kernel())[1001]
    np.testing.assert_allclose(
        ops.cast(found, "float32")[0], expected, rtol=0.02
    )
