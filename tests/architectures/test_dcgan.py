import pytest
from small_networks import draw, judge, names, small

from kerasgan.architectures import dcgan


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
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


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
@pytest.mark.parametrize(
    "size, levels", [(8, 1), (16, 2), (32, 3), (64, 4), (128, 5), (160, 5)]
)
def test_level_counts(size, levels):
    generator, discriminator = dcgan((size, size, 1), latent_dim=2, features=1)
    for model, end in (
        (generator, "_transposed"),
        (discriminator, "_convolution"),
    ):
        assert len(names(model, end)) == levels
    # The features double from level to level.
    widths = [
        discriminator.get_layer(f"level_{i}_convolution").filters
        for i in range(levels)
    ]
    assert widths == [2**i for i in range(levels)]


# (height, width): the maps from the image's on. A side that is 2 mod 4 gets a
# pixel at both ends, but not on the last level.
SIZES = {
    (8, 8): [(4, 4)],
    (10, 14): [(5, 7)],
    (18, 16): [(10, 8), (5, 4)],
    (50, 44): [(26, 22), (14, 12), (7, 6)],
    (36, 8): [(18, 4)],
}


@pytest.mark.one_backend
@pytest.mark.parametrize("size", SIZES)
def test_any_even_size(size):
    generator, discriminator = small("dcgan", (*size, 3))
    maps = [
        discriminator.get_layer(f"level_{i}_convolution").output.shape[1:3]
        for i in range(len(SIZES[size]))
    ]
    assert maps == SIZES[size]
    assert generator.get_layer("stem_map").output.shape[1:3] == maps[-1]
    assert discriminator.get_layer("head").kernel_size == maps[-1]
    assert draw(generator).shape == (2, *size, 3)
    assert judge(discriminator).shape == (2, 1)


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
@pytest.mark.parametrize("upsampling", ["nearest", "bilinear"])
def test_any_even_size_with_other_upsamplings(upsampling):
    generator, _ = small("dcgan", (18, 14, 1), upsampling=upsampling)
    assert generator.output_shape == (None, 18, 14, 1)


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
def test_layer_names_are_stable():
    """Weight files go by them."""
    generator, discriminator = small("dcgan", (18, 16, 3), dropout=0.1)
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
    generator, _ = small("dcgan", normalization="batch", upsampling="nearest")
    assert names(generator)[3:8] == [
        "stem_normalization",
        "stem_activation",
        "level_1_resize",
        "level_1_convolution",
        "level_1_normalization",
    ]
    assert (generator.name, discriminator.name) == (
        "generator",
        "discriminator",
    )


@pytest.mark.usefixtures("uninitialized")
def test_what_is_strict_and_what_is_affine():
    for normalization, inner in (("weight", False), ("weight-affine", True)):
        generator, discriminator = small("dcgan", normalization=normalization)
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


@pytest.mark.usefixtures("uninitialized")
def test_where_activations_are_normalized():
    """Not on the last layer, and for `batch` not on the discriminator's first."""
    for normalization, first in (("batch", False), ("layer", True)):
        generator, discriminator = small("dcgan", normalization=normalization)
        assert names(generator, "normalization") == [
            "stem_normalization",
            "level_1_normalization",
        ]
        found = names(discriminator, "normalization")
        levels = ["level_0_normalization"] * first + ["level_1_normalization"]
        assert found == levels
        # Biases where no normalization follows.
        assert not generator.get_layer("stem").use_bias
        assert not generator.get_layer("level_1_transposed").use_bias
        assert generator.get_layer("level_0_transposed").use_bias
        bias = discriminator.get_layer("level_0_convolution").use_bias
        assert bias == (not first)
        assert not discriminator.get_layer("level_1_convolution").use_bias
        assert discriminator.get_layer("head").use_bias
