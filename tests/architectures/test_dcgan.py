import itertools

import keras
import numpy as np
import pytest

from kerasgan.architectures import (
    ACTIVATIONS,
    NORMALIZATIONS,
    UPSAMPLINGS,
    dcgan,
)


def draw(generator, count=2, seed=0):
    z = np.random.default_rng(seed).normal(
        size=(count, *generator.input_shape[1:])
    )
    return np.asarray(generator(z.astype("float32")))


def judge(discriminator, count=2, seed=0, **options):
    shape = (count, *discriminator.input_shape[1:])
    x = np.random.default_rng(seed).uniform(-1, 1, shape)
    return np.asarray(discriminator(x.astype("float32"), **options))


def tiny(image_shape=(16, 16, 3), **options):
    return dcgan(image_shape, latent_dim=5, features=4, **options)


def names(model):
    return [layer.name for layer in model.layers]


@pytest.mark.parametrize(
    "size, latent_dim, generator_count, discriminator_count",
    [
        (32, 128, 1_183_622, 663_426),
        (64, 128, 3_806_086, 2_765_698),
        (160, 256, 17_701_766, 11_173_762),
    ],
)
def test_parameter_counts(
    size, latent_dim, generator_count, discriminator_count
):
    generator, discriminator = dcgan((size, size, 3), latent_dim)
    assert generator.count_params() == generator_count
    assert discriminator.count_params() == discriminator_count
    assert generator.input_shape == (None, latent_dim)
    assert generator.output_shape == (None, size, size, 3)
    assert discriminator.output_shape == (None, 1)


@pytest.mark.parametrize(
    "size, levels", [(8, 1), (16, 2), (32, 3), (64, 4), (128, 5), (160, 5)]
)
def test_level_counts(size, levels):
    generator, discriminator = dcgan((size, size, 1), latent_dim=2, features=1)
    for model, end in (
        (generator, "_transposed"),
        (discriminator, "_convolution"),
    ):
        found = [name for name in names(model) if name.endswith(end)]
        assert len(found) == levels
    # The features double from level to level.
    widths = [
        discriminator.get_layer(f"level_{i}_convolution").filters
        for i in range(levels)
    ]
    assert widths == [2**i for i in range(levels)]


# (height, width): the maps from the picture's on. A side that is 2 mod 4 gets a
# pixel at both ends, but not on the last level.
SIZES = {
    (8, 8): [(4, 4)],
    (10, 14): [(5, 7)],
    (18, 16): [(10, 8), (5, 4)],
    (50, 44): [(26, 22), (14, 12), (7, 6)],
    (36, 8): [(18, 4)],
}


@pytest.mark.parametrize("size", SIZES)
def test_any_even_size(size):
    generator, discriminator = tiny((*size, 3))
    maps = [
        discriminator.get_layer(f"level_{i}_convolution").output.shape[1:3]
        for i in range(len(SIZES[size]))
    ]
    assert maps == SIZES[size]
    assert generator.get_layer("stem_map").output.shape[1:3] == maps[-1]
    assert discriminator.get_layer("head").kernel_size == maps[-1]
    assert draw(generator).shape == (2, *size, 3)
    assert judge(discriminator).shape == (2, 1)


@pytest.mark.parametrize("upsampling", UPSAMPLINGS[1:])
def test_any_even_size_with_other_upsamplings(upsampling):
    generator, _ = tiny((18, 14, 1), upsampling=upsampling)
    assert draw(generator).shape == (2, 18, 14, 1)


@pytest.mark.parametrize(
    "normalization, upsampling",
    list(itertools.product(NORMALIZATIONS, UPSAMPLINGS)),
)
def test_every_normalization_and_upsampling(normalization, upsampling):
    generator, discriminator = tiny(
        normalization=normalization, upsampling=upsampling
    )
    images, logits = draw(generator), judge(discriminator)
    assert images.shape == (2, 16, 16, 3) and logits.shape == (2, 1)
    assert images.dtype == logits.dtype == np.float32
    assert np.abs(images).max() <= 1
    # Different latents make different pictures, which get different logits.
    assert np.abs(images[0] - images[1]).max() > 1e-4
    assert abs(logits[0] - logits[1]) > 1e-6
    resizes = [n for n in names(generator) if n.endswith("_resize")]
    assert len(resizes) == (0 if upsampling == "transposed" else 2)


def test_large_outputs_stay_in_range():
    generator, _ = tiny()
    generator.set_weights([100 * w for w in generator.get_weights()])
    images = draw(generator, 8)
    assert np.abs(images).max() == 1


def test_the_picture_of_weight_normalized_nets_is_twice_a_sigmoid_less_one():
    generator, _ = tiny()
    last = keras.Model(
        generator.input, generator.get_layer("level_0_transposed").output
    )
    x = draw(last).astype("float64")
    np.testing.assert_allclose(
        draw(generator), 2 / (1 + np.exp(-x)) - 1, atol=1e-6
    )
    generator, _ = tiny(normalization="batch")
    last = keras.Model(
        generator.input, generator.get_layer("level_0_transposed").output
    )
    np.testing.assert_allclose(draw(generator), np.tanh(draw(last)), atol=1e-6)


def test_layer_names_are_stable():
    """Weight files go by them."""
    generator, discriminator = tiny((18, 16, 3), dropout=0.1)
    assert names(generator) == [
        "latents",
        "stem",
        "stem_map",
        "stem_activation",
        "level_1_transposed",
        "level_1_activation",
        "level_0_transposed",
        "level_0_crop",
        "picture_scale",
        "images",
    ]
    assert names(discriminator) == [
        "images",
        "level_0_pad",
        "level_0_convolution",
        "level_0_activation",
        "level_0_dropout",
        "level_1_convolution",
        "level_1_activation",
        "level_1_dropout",
        "head",
        "logits",
    ]
    generator, discriminator = tiny(normalization="batch", upsampling="nearest")
    assert names(generator)[3:8] == [
        "stem_normalization",
        "stem_activation",
        "level_1_resize",
        "level_1_convolution",
        "level_1_normalization",
    ]
    # Neither the first layer nor the last.
    found = [n for n in names(discriminator) if "normalization" in n]
    assert found == ["level_1_normalization"]
    assert (generator.name, discriminator.name) == (
        "generator",
        "discriminator",
    )


def test_what_is_strict_and_what_is_affine():
    for normalization, inner in (("weight", False), ("weight-affine", True)):
        generator, discriminator = tiny(normalization=normalization)
        for model, last in (
            (generator, "level_0_transposed"),
            (discriminator, "head"),
        ):
            layers = [x for x in model.layers if hasattr(x, "init_factor")]
            assert len(layers) == 3
            for layer in layers:
                affine = inner or layer.name == last
                assert (layer.scale, layer.use_bias) == (affine, affine)
                factor = 0.01 if layer.name == "stem" else 1.0
                assert layer.init_factor == factor


def test_biases_where_no_batch_normalization_follows():
    generator, discriminator = tiny(normalization="batch")
    assert not generator.get_layer("stem").use_bias
    assert not generator.get_layer("level_1_transposed").use_bias
    assert generator.get_layer("level_0_transposed").use_bias
    assert discriminator.get_layer("level_0_convolution").use_bias
    assert not discriminator.get_layer("level_1_convolution").use_bias
    assert discriminator.get_layer("head").use_bias


def test_networks_may_have_normalizations_of_their_own():
    generator, discriminator = tiny(
        normalization="none",
        generator_normalization="batch",
        discriminator_normalization="weight",
    )
    assert "stem_normalization" in names(generator)
    assert hasattr(discriminator.get_layer("head"), "init_factor")
    generator, discriminator = tiny(
        normalization="none", discriminator_normalization="weight-affine"
    )
    assert type(generator.get_layer("stem")) is keras.layers.Dense
    assert hasattr(discriminator.get_layer("head"), "init_factor")


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_another_activation(activation):
    expected = type(ACTIVATIONS[activation]("x"))
    for model in tiny(activation=activation):
        found = [x for x in model.layers if x.name.endswith("_activation")]
        assert len(found) == 2
        assert {type(layer) for layer in found} == {expected}
        if activation == "prelu":
            # One slope a channel, whatever the size of the map.
            assert {len(x.alpha.shape) for x in found} == {3}
            assert {x.alpha.shape[:2] for x in found} == {(1, 1)}


def test_dropout_is_in_the_discriminator_alone():
    generator, discriminator = tiny(dropout=0.5)
    kinds = [type(layer) for layer in generator.layers]
    assert keras.layers.Dropout not in kinds
    dropped = [
        x for x in discriminator.layers if isinstance(x, keras.layers.Dropout)
    ]
    assert [layer.rate for layer in dropped] == [0.5, 0.5]
    still = judge(discriminator, training=False)
    np.testing.assert_array_equal(judge(discriminator, training=False), still)
    assert np.abs(judge(discriminator, training=True) - still).max() > 1e-4
    _, discriminator = tiny()
    assert not [n for n in names(discriminator) if "dropout" in n]


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_keeps_float32_at_both_ends(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        generator, discriminator = tiny()
    finally:
        keras.config.set_dtype_policy(before)
    images, logits = draw(generator), judge(discriminator)
    assert images.dtype == logits.dtype == np.float32
    assert np.abs(images).max() <= 1
    half = policy.removeprefix("mixed_")
    assert generator.get_layer("stem").compute_dtype == half
    assert discriminator.get_layer("head").compute_dtype == half
    for model in (generator, discriminator):
        assert {w.dtype for w in model.weights} == {"float32"}


@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_keras_files(normalization, tmp_path):
    models = tiny(normalization=normalization)
    for model, use in zip(models, (draw, judge)):
        # Weights that no initializer makes, so that each is seen to be stored.
        rng = np.random.default_rng(0)
        model.set_weights(
            [w + rng.uniform(0.1, 0.2, w.shape) for w in model.get_weights()]
        )
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert names(loaded) == names(model)
        np.testing.assert_array_equal(use(loaded), use(model))


@pytest.mark.parametrize(
    "arguments",
    [
        {"image_shape": (15, 16, 3)},
        {"image_shape": (16, 6, 3)},
        {"image_shape": (16, 16)},
        {"image_shape": (16, 16, 0)},
        {"image_shape": (16.0, 16, 3)},
        {"latent_dim": 0},
        {"features": 1.5},
        {"upsampling": "cubic"},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"normalization": "instance"},
        {"generator_normalization": "Batch"},
        {"activation": "gelu"},
    ],
)
def test_bad_arguments(arguments):
    (name,) = arguments
    received = name.removeprefix("generator_")
    with pytest.raises(ValueError, match=f"Received: {received}="):
        dcgan(**arguments)
