"""What holds of every architecture."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops
from small_networks import (
    SMALL,
    call,
    draw,
    judge,
    kernels,
    names,
    shake,
    small,
)

from kerasgan import layers
from kerasgan.architectures import ACTIVATIONS, NORMALIZATIONS, UPSAMPLINGS
from kerasgan.gans.output_range import find_output_range
from kerasgan.utils.classes import classes_of

every_architecture = pytest.mark.parametrize("architecture", SMALL)


# Each normalization with one upsampling, and each upsampling.
PAIRS = list(zip(NORMALIZATIONS, itertools.cycle(UPSAMPLINGS)))


def check(architecture, normalization, upsampling):
    generator, discriminator = small(
        architecture, normalization=normalization, upsampling=upsampling
    )
    images, logits = draw(generator, 4), judge(discriminator, 4)
    assert images.shape == (4, 16, 16, 3) and logits.shape == (4, 1)
    assert images.dtype == logits.dtype == np.float32
    assert np.abs(images).max() <= 1
    # No GAN warns of them.
    assert find_output_range(generator)[:2] == (-1, 1)
    unbounded = -np.inf, np.inf
    assert (find_output_range(discriminator) or unbounded)[:2] == unbounded
    # Different latents make different images, which get different logits.
    for found in (images, logits):
        assert np.ptp(found, axis=0).max() > 0.01 * np.abs(found).max()
    resizes = [x for x in names(generator, "_resize") if "shortcut" not in x]
    levels = 3 if architecture == "sngan" else 2
    assert len(resizes) == (0 if upsampling == "transposed" else levels)


@every_architecture
@pytest.mark.parametrize("normalization, upsampling", PAIRS)
def test_every_normalization(architecture, normalization, upsampling):
    check(architecture, normalization, upsampling)


@pytest.mark.one_backend
@every_architecture
@pytest.mark.parametrize(
    "normalization, upsampling",
    # The others have the plain convolutions of `none`.
    sorted(
        {*itertools.product(("none", "weight", "spectral"), UPSAMPLINGS)}
        - {*PAIRS}
    ),
)
def test_another_upsampling(architecture, normalization, upsampling):
    check(architecture, normalization, upsampling)


@pytest.fixture
def channels_first():
    """What `"image_data_format": "channels_first"` of a keras.json sets."""
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format("channels_last")


@pytest.mark.usefixtures("uninitialized")
@every_architecture
@pytest.mark.parametrize("normalization, upsampling", PAIRS)
def test_the_global_data_format_changes_no_network(
    architecture, normalization, upsampling, channels_first
):
    def configurations():
        # Padded and cropped, too.
        networks = small(
            architecture,
            (18, 16, 3),
            normalization=normalization,
            upsampling=upsampling,
            activation="prelu",
        )
        assert names(networks[0], "_crop") and names(networks[1], "_pad")
        return [network.get_config() for network in networks]

    found = configurations()
    keras.config.set_image_data_format("channels_last")
    assert found == configurations()
    assert "channels_first" not in str(found)


@every_architecture
def test_large_outputs_stay_in_range(architecture):
    generator, _ = small(architecture)
    shake(generator)
    generator.set_weights([100 * w for w in generator.get_weights()])
    assert np.abs(draw(generator, 8)).max() == 1


@every_architecture
def test_the_image_of_weight_normalized_nets_is_twice_a_sigmoid_less_one(
    architecture,
):
    for normalization, ending in (
        ("weight", lambda x: 2 / (1 + np.exp(-x)) - 1),
        ("batch", np.tanh),
    ):
        generator, _ = small(architecture, normalization=normalization)
        scaled = normalization == "weight"
        assert ("picture_scale" in names(generator)) == scaled
        last = generator.layers[-3 if scaled else -2]
        last = keras.Model(generator.input, last.output)
        x = draw(last).astype("float64")
        np.testing.assert_allclose(draw(generator), ending(x), atol=1e-6)


@pytest.mark.usefixtures("uninitialized")
@every_architecture
def test_networks_may_have_normalizations_of_their_own(architecture):
    generator, discriminator = small(
        architecture,
        normalization="none",
        generator_normalization="batch",
        discriminator_normalization="weight",
    )
    assert "stem_normalization" in names(generator)
    assert hasattr(discriminator.get_layer("head"), "init_factor")
    generator, discriminator = small(
        architecture,
        normalization="none",
        discriminator_normalization="weight-affine",
    )
    assert type(generator.get_layer("stem")) is keras.layers.Dense
    assert hasattr(discriminator.get_layer("head"), "init_factor")


@every_architecture
def test_spectral_normalization_of_every_kernel(architecture):
    generator, discriminator = small(
        architecture,
        normalization="spectral",
        generator_normalization="spectral",
    )
    for model in (generator, discriminator):
        assert len(kernels(model)) >= 3
        for name, layer in kernels(model).items():
            wrapper = model.get_layer(name)
            assert type(wrapper) is layers.SpectralNormalization
            assert layer.name == name
            assert layer.use_bias
            # The matrices that orthogonal initialization makes.
            kernel = np.asarray(layer.kernel)
            kernel = kernel.reshape(-1, kernel.shape[-1])
            values = np.linalg.svd(kernel, compute_uv=False)
            np.testing.assert_allclose(values, 1, atol=1e-5)
    assert not names(generator, "normalization")
    assert not names(discriminator, "normalization")


@pytest.mark.usefixtures("uninitialized")
@every_architecture
def test_with_spectral_normalization_the_generator_has_batches(architecture):
    generator, discriminator = small(architecture, normalization="spectral")
    stem = generator.get_layer("stem_normalization")
    assert type(stem) is keras.layers.BatchNormalization
    spectral = layers.SpectralNormalization
    assert not any(isinstance(x, spectral) for x in generator.layers)
    assert isinstance(discriminator.get_layer("head"), spectral)
    # Where it is the discriminator's alone, nothing is said of the generator.
    generator, discriminator = small(
        architecture,
        normalization="none",
        discriminator_normalization="spectral",
    )
    assert not names(generator, "normalization")
    assert isinstance(discriminator.get_layer("head"), spectral)


@pytest.mark.usefixtures("uninitialized")
def test_slopes_of_leaky_activations():
    for normalization, activation, slope in (
        ("spectral", None, 0.1),
        ("spectral", "leaky_relu", 0.1),
        ("layer", None, 0.2),
        ("weight", "leaky_relu", 0.2),
    ):
        _, discriminator = small(
            "dcgan", normalization=normalization, activation=activation
        )
        layer = discriminator.get_layer("level_0_activation")
        assert layer.negative_slope == slope


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
@every_architecture
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_another_activation(architecture, activation):
    norm = NORMALIZATIONS["weight"]
    expected = type(ACTIVATIONS[activation]("x", norm))
    for model in small(architecture, activation=activation):
        found = [x for x in model.layers if x.name.endswith("_activation")]
        assert len(found) >= 2
        assert {type(layer) for layer in found} == {expected}
        if activation == "prelu":
            # One slope a channel, whatever the size of the map.
            assert {len(x.alpha.shape) for x in found} == {3}
            assert {x.alpha.shape[:2] for x in found} == {(1, 1)}


@pytest.mark.usefixtures("uninitialized")
@every_architecture
def test_max_features_caps_the_levels(architecture):
    for model in small(architecture, max_features=5):
        maps = [x.output.shape for x in model.layers if x.output.ndim == 4]
        assert max(shape[-1] for shape in maps) == 5


@pytest.mark.parametrize(
    "architecture, normalization",
    [
        *((name, "weight") for name in SMALL),
        *(("dcgan", "none"), ("dcgan", "batch")),
        *(("resnet", "batch"), ("sngan", "spectral")),
    ],
)
def test_classes(architecture, normalization):
    generator, discriminator = small(
        architecture,
        (16, 18, 1),
        normalization=normalization,
        num_classes=3,
        class_names=("ant", "bee", "cat"),
    )
    z = np.random.default_rng(0).normal(size=(1, 5)).repeat(3, 0)
    labels = np.array([2, 0, 2], "int32")
    images = call(generator, [z.astype("float32"), labels])
    shake(discriminator)
    logits = call(discriminator, [images[:1].repeat(3, 0), labels])
    conditional = names(generator, "class_embedding") == []
    assert conditional == (normalization in ("batch", "spectral"))
    # At the start the classes of a conditional batch normalization are alike.
    assert (np.ptp(images, axis=0).max() < 1e-6) == conditional
    assert logits.shape == (3, 1) and logits[0] != logits[1]
    assert images[0] == pytest.approx(images[2], abs=1e-6)
    assert logits[0] == pytest.approx(logits[2], abs=1e-5)
    for model in (generator, discriminator):
        assert classes_of(model).names == ("ant", "bee", "cat")
    # Every other layer is that of the unconditional networks.
    plain = small(architecture, (16, 18, 1), normalization=normalization)[1]
    assert set(names(plain)) <= set(names(discriminator))
    if normalization == "weight" and architecture == "dcgan":
        # Each class's embedding has unit length.
        layer = discriminator.get_layer("projection")
        kernel = ops.convert_to_numpy(layer.effective_kernel())
        np.testing.assert_allclose(
            np.linalg.norm(kernel, axis=0), layer.gamma, rtol=1e-5
        )


@every_architecture
def test_dropout_is_in_the_discriminator_alone(architecture):
    generator, discriminator = small(architecture, dropout=0.5)
    assert not names(generator, "dropout")
    dropped = [x for x in discriminator.layers if "dropout" in x.name]
    assert {type(layer) for layer in dropped} == {keras.layers.Dropout}
    # One a level, a block, or an activation.
    expected = {"dcgan": 2, "resnet": 3, "sngan": 7}[architecture]
    assert [layer.rate for layer in dropped] == [0.5] * expected
    still = judge(discriminator, training=False)
    np.testing.assert_array_equal(judge(discriminator, training=False), still)
    assert np.abs(judge(discriminator, training=True) - still).max() > 1e-4
    _, discriminator = small(architecture)
    assert not names(discriminator, "dropout")


@every_architecture
@pytest.mark.parametrize("normalization", ["none", "batch", "spectral"])
def test_logits_of_others_have_no_scale(architecture, normalization):
    with pytest.raises(ValueError, match="without weight norm.*logit_scale=2"):
        small(architecture, normalization=normalization, logit_scale=2)


@every_architecture
def test_logits_start_with_a_scale(architecture, tmp_path):
    def discriminator(scale):
        keras.utils.set_random_seed(0)
        return small(
            architecture,
            normalization="batch",
            discriminator_normalization="weight",
            logit_scale=scale,
        )[1]

    usual, scaled = discriminator(None), discriminator(20)
    np.testing.assert_allclose(
        judge(scaled, 4), 20 * judge(usual, 4), rtol=1e-5
    )
    assert usual.count_params() == scaled.count_params()
    # A copy without the weights starts alike.
    copy = keras.models.clone_model(scaled)
    assert float(copy.get_layer("head").gamma[0]) == 20
    scaled.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(judge(loaded, 4), judge(scaled, 4))


@every_architecture
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_float32_at_both_ends(architecture, policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        generator, discriminator = small(architecture)
    finally:
        keras.config.set_dtype_policy(before)
    images, logits = draw(generator), judge(discriminator)
    assert images.dtype == logits.dtype == np.float32
    assert np.abs(images).max() <= 1
    half = policy.removeprefix("mixed_")
    for model, ends in (
        (generator, {"picture_scale", "images"}),
        (discriminator, {"logits"}),
    ):
        for layer in model.layers[1:]:
            expected = "float32" if layer.name in ends else half
            assert layer.compute_dtype == expected, layer.name
        assert {w.dtype for w in model.weights} == {"float32"}


@pytest.mark.one_backend
@pytest.mark.parametrize(
    "architecture, normalization",
    [
        *(("dcgan", "weight"), ("dcgan", "batch")),
        *(("resnet", "weight"), ("sngan", "spectral")),
    ],
)
def test_keras_files_keep_names_and_outputs(
    architecture, normalization, tmp_path
):
    models = small(
        architecture,
        normalization=normalization,
        generator_normalization=normalization,
    )
    for model, use in zip(models, (draw, judge)):
        shake(model)
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert names(loaded) == names(model)
        np.testing.assert_array_equal(use(loaded), use(model))


@every_architecture
@pytest.mark.parametrize(
    "arguments, expected",
    [
        ({"image_shape": (15, 16, 3)}, "even height and width of at least 8"),
        ({"image_shape": (16, 6, 3)}, "even height and width of at least 8"),
        ({"image_shape": (16, 16)}, "must be (height, width, channels)"),
        ({"image_shape": (16, 16, 0)}, "must be (height, width, channels)"),
        ({"image_shape": (16.0, 16, 3)}, "must be (height, width, channels)"),
        ({"latent_dim": 0}, "must be a positive integer"),
        ({"features": 1.5}, "positive integer"),
        ({"upsampling": "cubic"}, "one of transposed, nearest, bilinear"),
        ({"dropout": 1.0}, "of at least 0 and below 1"),
        ({"dropout": -0.1}, "of at least 0 and below 1"),
        ({"normalization": "instance"}, "one of none, batch, layer, weight,"),
        ({"generator_normalization": "Batch"}, "one of none, batch, layer"),
        ({"discriminator_normalization": ""}, "one of none, batch, layer"),
        ({"activation": "gelu"}, "one of relu, leaky_relu, prelu"),
        ({"logit_scale": 0}, "a positive number"),
        ({"max_features": 0}, "a positive integer"),
        ({"class_names": ["a"]}, "None without `num_classes`"),
        ({"logit_scale": float("nan")}, "a positive number"),
    ],
)
def test_bad_arguments(architecture, arguments, expected):
    (name,) = arguments
    with pytest.raises(ValueError) as caught:
        SMALL[architecture](**arguments)
    message = str(caught.value)
    assert message.startswith(f"Argument `{name}` must ")
    assert expected in message
    assert message.endswith(f"Received: {name}={_shown(arguments[name])}")


def _shown(value):
    return repr(value) if isinstance(value, str) else value
