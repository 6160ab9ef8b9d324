"""What every layer has to do, whatever it computes."""

import copy
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import reference
from keras import ops

from kerasgan import layers


def wrapped(kind, *arguments, **options):
    """Arguments of a wrapper: each a new layer, of the wrapper's own dtype."""
    return lambda dtype=None: {
        "layer": kind(*arguments, **options, dtype=dtype)
    }


# layer, arguments, number of weights: trained, not trained
CASES = {
    "dense": (layers.WeightNormalizedDense, {"units": 3}, 1, 0),
    "dense-affine": (
        layers.WeightNormalizedDense,
        {
            "units": 3,
            "scale": True,
            "use_bias": True,
            "epsilon": 1e-6,
            "init_factor": 0.5,
            "seed": 3,
        },
        3,
        0,
    ),
    "conv": (
        layers.WeightNormalizedConv2D,
        {"filters": 3, "kernel_size": (3, 2), "padding": "same"},
        1,
        0,
    ),
    "conv-affine": (
        layers.WeightNormalizedConv2D,
        {
            "filters": 3,
            "kernel_size": 4,
            "strides": (2, 1),
            "scale": True,
            "use_bias": True,
        },
        3,
        0,
    ),
    "transposed": (
        layers.WeightNormalizedConv2DTranspose,
        {"filters": 3, "kernel_size": 4, "strides": 2, "padding": "same"},
        1,
        0,
    ),
    "transposed-affine": (
        layers.WeightNormalizedConv2DTranspose,
        {
            "filters": 3,
            "kernel_size": (3, 4),
            "strides": (1, 2),
            "scale": True,
            "use_bias": True,
        },
        3,
        0,
    ),
    "add": (layers.WeightNormalizedAdd, {"initial_weights": (0.0, 1.0)}, 1, 0),
    "prelu": (layers.PReLU, {"initial_alpha": 0.5}, 1, 0),
    "tprelu": (layers.TPReLU, {"initial_alpha": 0.5}, 2, 0),
    "trelu": (layers.TReLU, {}, 1, 0),
    "affine": (layers.Affine, {}, 2, 0),
    "layer": (layers.LayerNormalization, {"epsilon": 1e-3}, 2, 0),
    "spectral-dense": (
        layers.SpectralNormalization,
        wrapped(keras.layers.Dense, 3),
        2,
        1,
    ),
    "spectral-conv": (
        layers.SpectralNormalization,
        wrapped(keras.layers.Conv2D, 3, 3, strides=2, activation="tanh"),
        2,
        1,
    ),
    "spectral-transposed": (
        layers.SpectralNormalization,
        wrapped(keras.layers.Conv2DTranspose, 3, 4, strides=2, use_bias=False),
        1,
        1,
    ),
    "weight-dense": (
        layers.WeightNormalization,
        wrapped(keras.layers.Dense, 3),
        3,
        3,
    ),
    "weight-conv": (
        layers.WeightNormalization,
        wrapped(keras.layers.Conv2D, 3, 3, padding="same", activation="tanh"),
        3,
        3,
    ),
    "weight-transposed": (
        layers.WeightNormalization,
        wrapped(keras.layers.Conv2DTranspose, 3, 4, strides=2, use_bias=False),
        2,
        2,
    ),
}
SHAPE = (2, 6, 4, 3)

every_layer = pytest.mark.parametrize("case", CASES)


def arguments_of(case, **options):
    arguments = CASES[case][1]
    return arguments(**options) if callable(arguments) else arguments


def make(case, dtype=None, **options):
    if callable(CASES[case][1]):
        return CASES[case][0](**arguments_of(case, dtype=dtype), **options)
    return CASES[case][0](**arguments_of(case), dtype=dtype, **options)


def random_images(case, seed=0):
    x = reference.float32(*SHAPE, seed=seed)
    return [x, reference.float32(*SHAPE, seed=8)] if case == "add" else x


def model_of(case, policy=None):
    """A model with weights that are not those of the start."""
    if case == "add":
        inputs = [keras.Input(SHAPE[1:]) for _ in range(2)]
    else:
        inputs = keras.Input(SHAPE[1:])
    layer = make(case, dtype=policy, name="here")
    model = keras.Model(inputs, layer(inputs))
    model.set_weights(
        [
            reference.random(*w.shape, seed=i)
            for i, w in enumerate(model.weights)
        ]
    )
    return model


def test_no_layer_is_forgotten():
    tested = {layer.__name__ for layer, *_ in CASES.values()}
    public = {
        name
        for name in layers.__all__
        if isinstance(getattr(layers, name), type)
    }
    # Tested elsewhere: what has no weights, or two inputs.
    assert tested == public - {
        "BilinearUpSampling2D",
        "ConditionalBatchNormalization",
        "OneHot",
        "Reparametrization",
    }


@every_layer
def test_configuration_round_trip(case):
    layer, _, trained, carried = CASES[case]
    before = make(case, name="here")
    config = before.get_config()
    after = layer.from_config(copy.deepcopy(config))
    assert after.get_config() == config
    assert after.name == "here"
    for name, value in arguments_of(case).items():
        if name == "layer":
            value = keras.saving.serialize_keras_object(before.layer)
        # Integers have become pairs.
        assert config[name] in (value, (value, value))
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(before)
    )
    assert type(again) is layer
    before(random_images(case))
    after(random_images(case))
    assert len(before.trainable_weights) == trained
    assert len(before.non_trainable_weights) == carried
    assert [w.shape for w in after.weights] == [w.shape for w in before.weights]
    assert [w.path for w in after.weights] == [w.path for w in before.weights]


@every_layer
def test_keras_and_weights_files(case, tmp_path):
    model, x = model_of(case), random_images(case)
    y = np.asarray(model(x))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.get_layer("here")) is CASES[case][0]
    np.testing.assert_array_equal(loaded(x), y)

    model.save_weights(tmp_path / "model.weights.h5")
    other = model_of(case)
    other.set_weights([w * 0 for w in model.get_weights()])
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(other(x), y)


@every_layer
def test_inference_changes_nothing(case):
    model, x = model_of(case), random_images(case)
    before = [v.numpy().copy() for v in model.variables]
    assert before
    y = np.asarray(model(x, training=False))
    for seed in range(3):
        model(random_images(case, seed), training=False)
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    np.testing.assert_array_equal(model(x, training=False), y)


POLICIES = ["mixed_bfloat16", "mixed_float16", "bfloat16", "float16", "float64"]


@every_layer
@pytest.mark.parametrize("policy", POLICIES)
def test_every_precision(case, policy):
    mixed = policy.startswith("mixed")
    if keras.backend.backend() == "jax" and not (
        mixed or (case == "weight-dense" and policy != "float64")
    ):
        pytest.skip("JAX promotes what TensorFlow refuses, and has no float64")
    x = random_images(case)
    layer = make(case, dtype=policy)
    if case.startswith(("spectral", "weight")):
        # The first batch of a weight normalization's data_init, too.
        layer(x, training=True)
    y = layer(x)
    computed = policy.removeprefix("mixed_")
    assert keras.backend.standardize_dtype(y.dtype) == computed
    stored = {w.dtype for w in layer.weights} - {"bool"}
    if mixed:
        assert stored == {"float32"}
    else:
        # What is carried along is never stored in half precision.
        assert computed in stored <= {computed, "float32"}
    exact = make(case)
    exact(x)
    exact.set_weights([w.astype("float32") for w in layer.get_weights()])
    tolerance = {"bfloat16": 0.03, "float16": 0.004, "float64": 1e-5}[computed]
    np.testing.assert_allclose(
        ops.cast(y, "float32"), exact(x), rtol=tolerance, atol=2 * tolerance
    )
    if not mixed and hasattr(layer, "plain"):
        np.testing.assert_allclose(
            ops.cast(layer.plain()(x), "float32"),
            exact(x),
            rtol=2 * tolerance,
            atol=4 * tolerance,
        )


def masked(layer, indices):
    """A layer behind an embedding, of which the index 0 is none."""
    return layer(keras.layers.Embedding(5, 3, mask_zero=True)(indices))


# Those that treat the places of a sequence apart.
MASKED = (
    "dense",
    "tprelu",
    "trelu",
    "affine",
    "spectral-dense",
    "weight-dense",
)


@pytest.mark.parametrize("case", MASKED)
def test_masks_pass(case):
    indices = keras.Input((3,), dtype="int32")
    x = masked(make(case), indices)
    model = keras.Model(indices, keras.layers.GlobalAveragePooling1D()(x))
    # What a mask leaves out has no part in the mean.
    y = np.asarray(model(np.array([[1, 2, 0], [1, 2, 2], [3, 0, 0]])))
    each = np.asarray(model(np.array([[1, 0, 0], [2, 0, 0], [3, 0, 0]])))
    expected = [(each[0] + each[1]) / 2, (each[0] + 2 * each[1]) / 3, each[2]]
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.one_backend
@pytest.mark.filterwarnings("ignore:.*does not support masking")
def test_masks_of_wrapped_layers_are_theirs():
    spectral, weight = layers.SpectralNormalization, layers.WeightNormalization
    indices = keras.Input((None,), dtype="int32")
    # A convolution mixes places, and Keras's has no mask.
    for wrapper in (spectral, weight):
        layer = wrapper(keras.layers.Conv1D(3, 3, padding="same"))
        assert not hasattr(masked(layer, indices), "_keras_mask")
    x = spectral(keras.layers.Embedding(5, 3, mask_zero=True))(indices)
    x = weight(keras.layers.Dense(3))(x)
    model = keras.Model(indices, keras.layers.LSTM(2)(x))
    # A masked place is none at all.
    np.testing.assert_allclose(
        model(np.array([[1, 0, 2, 0]])), model(np.array([[1, 2]])), atol=1e-6
    )


def test_masks_of_a_sum():
    layer = layers.WeightNormalizedAdd()
    mask = np.array([[True, False, True]])
    other = np.array([[False, False, True]])
    x = [np.ones((1, 3, 2), "float32")] * 2
    added = keras.layers.Add()
    for masks in ([mask, other], [mask, None], None):
        np.testing.assert_array_equal(
            layer.compute_mask(x, masks), added.compute_mask(x, masks)
        )


def in_training(model, x, values, carried):
    """A loss and its gradients by the trained weights, in training mode."""

    def loss(values):
        y, _ = model.stateless_call(values, carried, x, training=True)
        return ops.mean(ops.square(ops.cast(y, "float32") - 0.5))

    if keras.backend.backend() == "jax":
        import jax

        return jax.value_and_grad(loss)(values)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(values)
        value = loss(values)
    return value, tape.gradient(value, values)


@pytest.mark.parametrize(
    "case, policy",
    [
        *((case, "float32") for case in CASES),
        *(
            (case, "mixed_bfloat16")
            for case in ("dense-affine", "tprelu", "spectral-dense")
        ),
        ("weight-dense", "mixed_bfloat16"),
    ],
)
def test_eager_graph_and_xla_agree(case, policy):
    model, x = model_of(case, policy), random_images(case)
    values = [
        ops.convert_to_tensor(w.numpy()) for w in model.trainable_variables
    ]
    carried = [v.numpy() for v in model.non_trainable_variables]
    eager = in_training(model, x, values, carried)
    if keras.backend.backend() == "jax":
        import jax

        compiled = [jax.jit(lambda: in_training(model, x, values, carried))]
    else:
        import tensorflow as tf

        compiled = [
            tf.function(
                lambda: in_training(model, x, values, carried),
                jit_compile=xla,
            )
            for xla in (False, True)
        ]
    tolerance = 1e-5 if policy == "float32" else 0.03
    for function in compiled:
        value, found = function()
        np.testing.assert_allclose(value, eager[0], rtol=tolerance)
        for a, b in zip(found, eager[1], strict=True):
            scale = max(1.0, np.abs(b).max())
            np.testing.assert_allclose(a, b, atol=10 * tolerance * scale)


# Keras 3.15 warns of how it calls `fit` itself.
@pytest.mark.filterwarnings("ignore:.shuffle=True. was passed")
@pytest.mark.integration
@pytest.mark.one_backend
@every_layer
def test_keras_own_checks(case):
    """Those that Keras makes of its layers: shapes, saving, training, dtypes."""
    testing = pytest.importorskip(
        "keras.src.testing", reason="a private module of Keras"
    )
    layer, _, trained, carried = CASES[case]
    shape = [SHAPE, SHAPE] if case == "add" else SHAPE
    suite = testing.TestCase()
    try:
        suite.run_layer_test(
            layer,
            arguments_of(case),
            input_shape=shape,
            expected_output_shape=make(case).compute_output_shape(shape),
            expected_num_trainable_weights=trained,
            expected_num_non_trainable_weights=carried,
            expected_num_seed_generators=0,
            expected_num_losses=0,
            supports_masking=make(case).supports_masking,
            # Keras's own training check cannot feed lists on TensorFlow.
            run_training_check=case != "add",
        )
    finally:
        suite.doCleanups()


@pytest.mark.integration
def test_saved_models_need_no_kerasgan(on_tensorflow, tmp_path):
    import tensorflow as tf

    expected = {}
    for case in CASES:
        model, x = model_of(case), random_images(case)
        model.export(tmp_path / case, verbose=False)
        expected[case] = np.asarray(model(x))
        loaded = tf.saved_model.load(tmp_path / case)
        found = loaded.serve(x)
        np.testing.assert_allclose(found, expected[case], rtol=1e-5, atol=1e-5)
    np.savez(tmp_path / "expected.npz", **expected)
    np.savez(
        tmp_path / "inputs.npz",
        x=random_images("conv"),
        y=random_images("add")[1],
    )
    code = textwrap.dedent("""
        import sys, pathlib
        sys.modules["kerasgan"] = None
        import numpy as np, tensorflow as tf
        folder = pathlib.Path(sys.argv[1])
        inputs = np.load(folder / "inputs.npz")
        for case, y in np.load(folder / "expected.npz").items():
            x = inputs["x"]
            if case == "add":
                x = [x, inputs["y"]]
            loaded = tf.saved_model.load(folder / case)
            np.testing.assert_allclose(
                loaded.serve(x), y, rtol=1e-5, atol=1e-5
            )
    """)
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
