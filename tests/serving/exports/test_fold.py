import keras
import numpy as np
import pytest
from keras import layers

from kerasgan.architectures import NORMALIZATIONS, dcgan, resnet
from kerasgan.layers import (
    Affine,
    Reparametrization,
    SpectralNormalization,
    TPReLU,
    WeightNormalization,
    WeightNormalizedAdd,
    WeightNormalizedConv2D,
    WeightNormalizedConv2DTranspose,
    WeightNormalizedDense,
)
from kerasgan.serving import fold

NORMALIZING = (layers.BatchNormalization, Reparametrization, layers.Dropout)


def outputs_of(model, *, training=False, count=3):
    rng = np.random.default_rng(1)
    inputs = [
        rng.normal(size=(count, *x.shape[1:])).astype("float32")
        for x in model.inputs
    ]
    inputs = inputs[0] if len(inputs) == 1 else inputs
    return keras.ops.convert_to_numpy(model(inputs, training=training))


def check(model, *, tolerance=1e-5):
    """Fold; same outputs, nothing else changed."""
    config = model.get_config()
    before = [np.copy(weight) for weight in model.get_weights()]
    expected = outputs_of(model)
    folded = fold(model)
    np.testing.assert_allclose(outputs_of(folded), expected, atol=tolerance)
    assert expected.std() > 10 * tolerance
    assert model.get_config() == config
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert not {id(x) for x in model.variables} & {
        id(x) for x in folded.variables
    }
    return folded


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


@pytest.mark.parametrize(
    "normalization, upsampling",
    [
        *((name, "transposed") for name in NORMALIZATIONS),
        ("batch", "nearest"),
        ("weight-affine", "bilinear"),
        ("spectral", "bilinear"),
    ],
)
def test_networks(normalization, upsampling, trained):
    # 22 is padded and cropped.
    shape = (22, 24, 3) if upsampling == "transposed" else (16, 16, 1)
    networks = dcgan(
        shape, 5, 2, normalization, upsampling=upsampling, dropout=0.3
    )
    for network in networks:
        folded = check(trained(network))
        assert not any(isinstance(x, NORMALIZING) for x in folded.layers)
        assert folded.name == network.name
        assert folded.input_shape == network.input_shape
        assert folded.output_shape == network.output_shape
        names = [layer.name for layer in network.layers]
        assert all(layer.name in names for layer in folded.layers)


@pytest.mark.parametrize("normalization", ["weight", "spectral"])
def test_conditional_networks(normalization, trained):
    for network in dcgan((16, 16, 1), 5, 2, normalization, num_classes=3):
        folded = check(trained(network))
        assert not any(isinstance(x, NORMALIZING) for x in folded.layers)


@pytest.mark.parametrize(
    "normalization", ["batch", "weight", "weight-affine", "spectral"]
)
def test_residual_networks(normalization, trained):
    """With one block a level nothing is left of the normalization of sums."""
    networks = resnet(
        *((16, 16, 3), 5, (2, 3), (1, 1), normalization),
        generator_normalization=normalization,
        dropout=0.3,
    )
    for network in networks:
        folded = check(trained(network))
        left = (*NORMALIZING, WeightNormalizedAdd, Affine)
        assert not any(isinstance(x, left) for x in folded.layers)
        assert any(isinstance(x, layers.Add) for x in folded.layers)


def test_a_sum_with_what_is_used_elsewhere_keeps_its_coefficients(trained):
    """Two blocks a level: the shortcut of the second one is its input."""
    for network in resnet((8, 8, 3), 5, (2,), (2,)):
        folded = check(trained(network))
        assert kinds(folded).count("WeightNormalizedAdd") == 1
        assert kinds(folded).count("Add") == 1


@pytest.mark.parametrize(
    "wrapper", [SpectralNormalization, WeightNormalization]
)
@pytest.mark.parametrize(
    "layer, shape",
    [
        (lambda: layers.Dense(3, activation="tanh"), (4,)),
        (lambda: layers.Conv1D(3, 2, strides=2), (6, 2)),
        (lambda: layers.Conv2D(3, 2, dilation_rate=2), (6, 5, 2)),
        (lambda: layers.Conv3D(2, 2, use_bias=False), (3, 4, 3, 2)),
        (lambda: layers.Conv1DTranspose(3, 2, strides=2), (4, 2)),
        (lambda: layers.Conv2DTranspose(3, 4, 2, "same"), (3, 3, 2)),
        (lambda: layers.Conv3DTranspose(2, 2, strides=2), (2, 2, 3, 2)),
    ],
)
def test_wrapped_layers(wrapper, layer, shape, trained):
    layer = layer()
    inputs = keras.Input(shape)
    spectral = wrapper is SpectralNormalization
    options = {"power_iterations": 60} if spectral else {}
    wrapped = wrapper(layer, name="here", **options)
    model = trained(keras.Model(inputs, wrapped(inputs)))
    x = np.random.default_rng(0).normal(size=(9, *shape)).astype("float32")
    # Data initialize the one, and the vectors of the other converge.
    model(x, training=True)
    folded = check(model)
    assert kinds(folded) == ["InputLayer", type(layer).__name__]
    assert folded.layers[1].name == "here"
    if spectral:
        kernel = folded.layers[1].kernel.numpy()
        axis = -2 if "Transpose" in kinds(folded)[1] else -1
        matrix = np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)
        assert np.linalg.svd(matrix)[1][0] == pytest.approx(1, abs=1e-2)


def test_a_spectrally_normalized_layer_with_batch_normalization_behind(trained):
    inputs = keras.Input((6, 6, 2))
    x = SpectralNormalization(layers.Conv2D(3, 3, use_bias=False))(inputs)
    x = batch_normalization()(x)
    folded = check(trained(keras.Model(inputs, x)))
    assert kinds(folded) == ["InputLayer", "Conv2D"]


@pytest.mark.parametrize(
    "between, goes",
    [
        (lambda: layers.UpSampling2D(2, interpolation="bilinear"), True),
        (lambda: layers.UpSampling2D(2), True),
        (lambda: layers.AveragePooling2D(2), True),
        (lambda: layers.AveragePooling2D(2, padding="same"), False),
        (lambda: layers.ZeroPadding2D(1), False),
        (lambda: layers.MaxPooling2D(2), False),
    ],
)
def test_what_treats_channels_apart_lets_a_normalization_through(
    between, goes, trained
):
    inputs = keras.Input((5, 5, 2))
    x = between()(layers.Conv2D(3, 1)(inputs))
    folded = check(trained(keras.Model(inputs, batch_normalization()(x))))
    assert ("BatchNormalization" in kinds(folded)) is not goes


def test_a_normalization_behind_a_sum(trained):
    """It goes into all that is added, or into nothing."""
    inputs = keras.Input((4,))
    for shortcut, goes in ((layers.Dense(3), True), (layers.ReLU(), False)):
        hidden = layers.Dense(3)(inputs)
        x = layers.Add()([layers.Dense(3)(inputs), shortcut(hidden)])
        folded = check(trained(keras.Model(inputs, batch_normalization()(x))))
        assert ("BatchNormalization" in kinds(folded)) is not goes


@pytest.mark.parametrize(
    "normalization, policy",
    [
        ("batch", "float16"),
        ("weight", "mixed_bfloat16"),
        ("spectral", "float16"),
    ],
)
def test_half_precision_becomes_float32(normalization, policy, trained):
    arguments = ((8, 8, 3), 5, 2, normalization)
    reference, _ = dcgan(*arguments)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        generator, _ = dcgan(*arguments)
        trained(generator)
        folded = fold(generator)
        images = outputs_of(folded)
    finally:
        keras.config.set_dtype_policy(before)
    for variable, value in zip(
        reference.weights, generator.weights, strict=True
    ):
        value = keras.ops.convert_to_numpy(value.value).astype("float32")
        variable.assign(value)
    tolerance = 1e-5 if policy.startswith("mixed") else 2e-3
    np.testing.assert_allclose(images, outputs_of(reference), atol=tolerance)
    assert images.dtype == np.float32
    for layer in folded.layers:
        assert layer.compute_dtype == layer.variable_dtype == "float32"
    assert folded.compute_dtype == "float32"
    assert {v.dtype for v in folded.variables} == {"float32"}


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize(
    "make, shape, plain",
    [
        (lambda **k: WeightNormalizedDense(4, **k), (5,), layers.Dense),
        (lambda **k: WeightNormalizedDense(4, **k), (2, 5), layers.Dense),
        (
            lambda **k: WeightNormalizedConv2D(4, (3, 2), (2, 1), **k),
            (6, 5, 3),
            layers.Conv2D,
        ),
        (
            lambda **k: WeightNormalizedConv2DTranspose(4, (3, 2), 2, **k),
            (4, 3, 3),
            layers.Conv2DTranspose,
        ),
        (
            lambda **k: WeightNormalizedConv2DTranspose(4, 4, 2, "same", **k),
            (4, 3, 3),
            layers.Conv2DTranspose,
        ),
    ],
)
def test_weight_normalized_layers(make, shape, plain, affine, trained):
    inputs = keras.Input(shape)
    layer = make(scale=affine, use_bias=affine, name="it")
    model = trained(keras.Model(inputs, layer(inputs)))
    folded = check(model)
    assert type(folded.get_layer("it")) is plain
    assert folded.get_layer("it").use_bias is affine
    assert type(layer.plain()) is plain and layer.plain().name == "it"


def convolved(channels=4):
    inputs = keras.Input((6, 5, 3))
    return inputs, layers.Conv2D(channels, 3, name="conv")(inputs)


def batch_normalization(**kwargs):
    return layers.BatchNormalization(name="bn", **kwargs)


FOLDED = {
    "without center": lambda x: batch_normalization(center=False)(x),
    "without scale": lambda x: batch_normalization(scale=False)(x),
    "last axis by number": lambda x: batch_normalization(axis=3)(x),
    "twice": lambda x: layers.BatchNormalization()(batch_normalization()(x)),
    "affine": lambda x: Affine()(x),
    "both": lambda x: Affine()(batch_normalization()(x)),
    "dropout between": lambda x: batch_normalization()(layers.Dropout(0.5)(x)),
    "cropping between": lambda x: batch_normalization()(
        layers.Cropping2D(1)(x)
    ),
    "split channels": lambda x: batch_normalization()(
        layers.Reshape((8, 2))(layers.Cropping2D(((1, 1), (0, 1)))(x))
    ),
    "noise behind": lambda x: layers.GaussianNoise(1.0)(
        layers.SpatialDropout2D(0.5)(batch_normalization()(x))
    ),
    "activation behind": lambda x: layers.ReLU()(batch_normalization()(x)),
}


@pytest.mark.parametrize("tail", FOLDED.values(), ids=FOLDED)
def test_what_is_folded_into_a_convolution(tail, trained):
    inputs, x = convolved()
    folded = check(trained(keras.Model(inputs, tail(x))))
    left = set(kinds(folded)) - {"InputLayer", "Conv2D", "ReLU", "Reshape"}
    assert left <= {"Cropping2D"}


KEPT = {
    "axis of the height": lambda x: batch_normalization(axis=1)(x),
    "activation between": lambda x: batch_normalization()(layers.ReLU()(x)),
    # The channels of three rows come together in one.
    "joined channels": lambda x: batch_normalization()(
        layers.Reshape((4, 12))(x)
    ),
    "padding between": lambda x: batch_normalization()(
        layers.ZeroPadding2D(1)(x)
    ),
    "used elsewhere": lambda x: layers.Add()([x, batch_normalization()(x)]),
    "both used": lambda x: layers.Concatenate()(
        [layers.BatchNormalization()(x), batch_normalization()(x)]
    ),
}


@pytest.mark.parametrize("tail", KEPT.values(), ids=KEPT)
def test_what_stays_is_fixed_in_inference_mode(tail, trained):
    inputs, x = convolved()
    folded = check(trained(keras.Model(inputs, tail(x))))
    assert "BatchNormalization" in kinds(folded)
    np.testing.assert_array_equal(
        outputs_of(folded, training=True), outputs_of(folded)
    )


def test_an_activation_in_the_layer_prevents_folding(trained):
    inputs = keras.Input((5,))
    x = layers.Dense(4, activation="relu")(inputs)
    folded = check(trained(keras.Model(inputs, batch_normalization()(x))))
    assert "BatchNormalization" in kinds(folded)


def test_an_output_of_the_model_is_not_changed(trained):
    inputs, x = convolved()
    model = trained(keras.Model(inputs, [x, batch_normalization()(x)]))
    rng = np.random.default_rng(0)
    batch = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    for old, new in zip(model(batch), fold(model)(batch), strict=True):
        np.testing.assert_allclose(old, new, atol=1e-5)


def test_training_mode_that_a_call_asks_for_stays(trained):
    inputs, x = convolved()
    model = keras.Model(inputs, batch_normalization()(x, training=True))
    folded = fold(trained(model))
    assert "BatchNormalization" in kinds(folded)
    inputs, x = convolved()
    model = keras.Model(inputs, layers.Dropout(0.5)(x, training=True))
    assert kinds(fold(model))[-1] == "Dropout"


def test_shared_layers(trained):
    first, second = keras.Input((6, 6, 3)), keras.Input((6, 6, 3))
    conv = WeightNormalizedConv2D(3, 3, padding="same", name="conv")
    bn, drop = batch_normalization(), layers.Dropout(0.5)
    x, y = (drop(bn(conv(inputs))) for inputs in (first, second))
    joined = WeightNormalizedAdd()([x, conv(y)])
    model = trained(keras.Model([first, second], TPReLU()(joined)))
    folded = check(model)
    assert sorted(kinds(folded)) == sorted(
        [
            *("InputLayer", "InputLayer", "Conv2D", "BatchNormalization"),
            *("WeightNormalizedAdd", "TPReLU"),
        ]
    )


def test_a_layer_that_serves_another_model_too(trained):
    inputs = keras.Input((5,))
    dense = layers.Dense(4)
    keras.Model(inputs, layers.BatchNormalization()(dense(inputs)))
    other = keras.Input((5,))
    model = keras.Model(other, batch_normalization()(dense(other)))
    assert kinds(check(trained(model))) == ["InputLayer", "Dense"]


def test_sequential_models(trained):
    model = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(12, use_bias=False),
            layers.Reshape((2, 2, 3)),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(2, 4, 2, "same"),
            layers.BatchNormalization(),
        ]
    )
    folded = check(trained(model))
    expected = ["InputLayer", "Dense", "Reshape", "Conv2DTranspose"]
    assert kinds(folded) == expected


def test_nested_models_stay(trained):
    inputs = keras.Input((5,))
    # A name that occurs outside, too.
    x = layers.Dropout(0.5, name="twin")(WeightNormalizedDense(4)(inputs))
    inner = keras.Model(inputs, layers.ReLU()(x), name="inner")
    outer = keras.Input((5,))
    x = layers.Dropout(0.5, name="twin")(inner(outer))
    x = batch_normalization()(layers.Dense(3)(x))
    folded = check(trained(keras.Model(outer, x)))
    assert kinds(folded) == ["InputLayer", "Functional", "Dense"]


def test_operations_that_are_no_layers(trained):
    inputs, x = convolved()
    x = keras.ops.tanh(batch_normalization()(x)) * 2.0
    assert "BatchNormalization" not in kinds(
        check(trained(keras.Model(inputs, x)))
    )


@keras.saving.register_keras_serializable(package="tests")
class Doubled(Reparametrization):
    """A normalization that fold has never heard of."""

    def build(self, input_shape):
        self.raw = self.add_weight(shape=(input_shape[-1], 3), autocast=False)

    def compute_kernel(self):
        return 2.0 * self.raw

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.effective_kernel())

    def plain(self):
        layer = layers.Dense(3, use_bias=False, name=self.name)
        layer.build((None, self.raw.shape[0]))
        layer.kernel.assign(self.compute_kernel())
        return layer


def test_a_new_normalization_is_one_method(trained):
    inputs = keras.Input((4,))
    x = batch_normalization()(Doubled()(inputs))
    assert kinds(check(trained(keras.Model(inputs, x)))) == [
        "InputLayer",
        "Dense",
    ]


def test_folding_what_is_folded_changes_nothing(trained):
    generator, _ = dcgan((8, 8, 3), 5, 2, "weight-affine")
    once = fold(trained(generator))
    assert fold(once).get_config() == once.get_config()
    np.testing.assert_array_equal(outputs_of(fold(once)), outputs_of(once))


def test_models_without_a_graph_are_refused():
    class Subclassed(keras.Model):
        pass

    for model in (Subclassed(), keras.Sequential([layers.Dense(3)])):
        with pytest.raises(ValueError, match="Received: model="):
            fold(model)


def test_a_sum_that_broadcasts_is_left_as_it_is(trained):
    inputs = keras.Input((4,))
    x = layers.Add()([layers.Dense(3)(inputs), layers.Dense(1)(inputs)])
    folded = check(trained(keras.Model(inputs, batch_normalization()(x))))
    assert "BatchNormalization" in kinds(folded)


class Own(keras.Model):
    """A Functional model with a configuration of its own."""

    def __init__(self, **kwargs):
        inputs = keras.Input((4,))
        x = Unregistered()(SpectralNormalization(layers.Dense(3))(inputs))
        super().__init__(inputs, x, **kwargs)

    def get_config(self):
        return {"name": self.name}


class Unregistered(layers.Layer):
    def call(self, inputs):
        return 2.0 * inputs


@pytest.mark.filterwarnings(r"ignore:[\s\S]*structure of .inputs.")
def test_subclasses_of_functional_models_and_layers_of_ones_own(trained):
    folded = check(trained(Own(name="own")))
    assert kinds(folded) == ["InputLayer", "Dense", "Unregistered"]
    assert folded.name == "own"
