import keras
import numpy as np
import pytest
from small_networks import (
    draw,
    judge,
    kernels,
    names,
    random_images,
    shake,
    small,
)

from kerasgan import layers
from kerasgan.architectures import resnet

FEATURES = (64, 128, 256, 384, 512)


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
def test_parameter_counts():
    one_block = resnet((160, 160, 3), blocks=(1,) * 5)
    counts = [model.count_params() for model in one_block]
    assert counts == [11_844_172, 10_194_498]
    # Another block of c channels has two 3x3 convolutions, and three times
    # two numbers a channel: two activations and the sum.
    more = sum(18 * c**2 + 6 * c for c in FEATURES)
    for size in (160, 64):
        generator, discriminator = resnet((size, size, 3))
        if size == 160:
            found = [generator.count_params(), discriminator.count_params()]
            assert found == [count + more for count in counts]
        else:
            assert discriminator.get_layer("head").kernel_size == (2, 2)
        assert generator.output_shape == (None, size, size, 3)
        assert discriminator.input_shape == (None, size, size, 3)
        assert discriminator.output_shape == (None, 1)


@pytest.mark.one_backend
@pytest.mark.usefixtures("uninitialized")
@pytest.mark.parametrize("blocks, count", [(2, 21), (1, 11)])
def test_layer_and_level_counts(blocks, count):
    """Shortcuts are not counted."""
    for model in resnet(
        (64, 64, 3), 2, features=(1, 2, 3, 4, 5), blocks=(blocks,) * 5
    ):
        assert len([x for x in kernels(model) if "shortcut" not in x]) == count
        assert len(names(model, "_join")) == 5 * blocks
        # The channels change on every level.
        assert len(names(model, "_shortcut_convolution")) == 5


def shape_of(layer):
    kind = type(layer).__name__.removeprefix("WeightNormalized")
    return kind, layer.filters, layer.kernel_size[0], layer.strides[0]


@pytest.mark.usefixtures("uninitialized")
def test_discriminator_blocks():
    _, discriminator = small("resnet")
    found = {k: shape_of(x) for k, x in kernels(discriminator).items()}
    assert found == {
        "level_0_block_0_first_convolution": ("Conv2D", 4, 4, 2),
        "level_0_block_0_second_convolution": ("Conv2D", 4, 3, 1),
        "level_0_block_0_shortcut_convolution": ("Conv2D", 4, 1, 1),
        "level_1_block_0_first_convolution": ("Conv2D", 6, 4, 2),
        "level_1_block_0_second_convolution": ("Conv2D", 6, 3, 1),
        "level_1_block_0_shortcut_convolution": ("Conv2D", 6, 1, 1),
        "level_1_block_1_first_convolution": ("Conv2D", 6, 3, 1),
        "level_1_block_1_second_convolution": ("Conv2D", 6, 3, 1),
        "head": ("Conv2D", 1, 4, 1),
    }
    for layer in kernels(discriminator).values():
        assert layer.padding == ("valid" if layer.name == "head" else "same")


@pytest.mark.usefixtures("uninitialized")
def test_generator_blocks():
    generator, _ = small("resnet")
    stem = generator.get_layer("stem")
    assert stem.units == 4 * 4 * 6
    found = kernels(generator)
    assert found.pop("stem") is stem
    assert {k: shape_of(x) for k, x in found.items()} == {
        "level_1_block_0_first_transposed": ("Conv2DTranspose", 6, 3, 1),
        "level_1_block_0_second_transposed": ("Conv2DTranspose", 6, 3, 1),
        "level_1_block_1_first_transposed": ("Conv2DTranspose", 6, 3, 1),
        "level_1_block_1_second_transposed": ("Conv2DTranspose", 4, 4, 2),
        "level_1_block_1_shortcut_convolution": ("Conv2D", 4, 1, 1),
        "level_0_block_0_first_transposed": ("Conv2DTranspose", 4, 3, 1),
        "level_0_block_0_second_transposed": ("Conv2DTranspose", 3, 4, 2),
        "level_0_block_0_shortcut_convolution": ("Conv2D", 3, 1, 1),
    }
    assert {layer.padding for layer in found.values()} == {"same"}
    # Resized, the doubling convolutions are 3x3 ones; all else stays.
    generator, _ = small("resnet", upsampling="nearest")
    other = {
        k: shape_of(x) for k, x in kernels(generator).items() if k in found
    }
    assert set(found) - set(other) == {
        "level_1_block_1_second_transposed",
        "level_0_block_0_second_transposed",
    }
    for name, filters in (("level_1_block_1", 4), ("level_0_block_0", 3)):
        layer = generator.get_layer(f"{name}_second_convolution")
        assert shape_of(layer) == ("Conv2D", filters, 3, 1)
        assert layer.padding == "same"


@pytest.mark.usefixtures("uninitialized")
def test_shortcuts_have_a_convolution_where_channels_change():
    generator, discriminator = small("resnet", (16, 16, 4), features=(4, 4))
    assert not names(generator, "shortcut_convolution")
    assert not names(discriminator, "shortcut_convolution")
    assert len(names(generator, "shortcut_resize")) == 2
    assert len(names(discriminator, "shortcut_pool")) == 2


def by_hand(model, x, blocks, first, second, before, after):
    """The blocks as they are written in the paper, with the model's layers.

    Args:
        first: kind of a residue's first convolution.
        second: kind of its second one.
        before: what the shortcut does before its convolution.
        after: what it does after it.
    """

    def do(name, x):
        found = names(model, name)
        assert len(found) <= 1
        return model.get_layer(found[0])(x) if found else x

    for name in blocks:
        residue = do(f"{name}_first_{first}", x)
        residue = do(f"{name}_first_activation", residue)
        residue = do(f"{name}_second_{second}", residue)
        shortcut = do(f"{name}_shortcut_{before}", x)
        shortcut = do(f"{name}_shortcut_convolution", shortcut)
        shortcut = do(f"{name}_shortcut_{after}", shortcut)
        x = do(f"{name}_join", [residue, shortcut])
        x = do(f"{name}_activation", x)
        x = do(f"{name}_finish", x)
    return x


@pytest.mark.parametrize("normalization", ["weight", "none"])
def test_how_blocks_are_wired(normalization):
    generator, discriminator = small("resnet", normalization=normalization)
    # Else the residues of `weight` would not be heard.
    shake(generator)
    shake(discriminator)
    order = ["level_0_block_0", "level_1_block_0", "level_1_block_1"]
    x = discriminator.input
    y = by_hand(
        discriminator, x, order, "convolution", "convolution", "pool", "-"
    )
    y = discriminator.get_layer("head")(y)
    np.testing.assert_allclose(
        judge(discriminator), judge(keras.Model(x, y))[:, 0, 0], rtol=1e-5
    )

    y = generator.input
    for name in ("stem", "stem_map", "stem_activation"):
        y = generator.get_layer(name)(y)
    order = ["level_1_block_0", "level_1_block_1", "level_0_block_0"]
    y = by_hand(generator, y, order, "transposed", "transposed", "-", "resize")
    scale = 0.5 if normalization == "weight" else 1
    np.testing.assert_allclose(
        draw(generator),
        np.tanh(scale * draw(keras.Model(generator.input, y))),
        atol=1e-5,
    )


def test_shortcuts_are_pooled_and_resized():
    generator, discriminator = small("resnet", upsampling="bilinear")
    pool = discriminator.get_layer("level_0_block_0_shortcut_pool")
    x = random_images(discriminator)
    mean = x.reshape(2, 8, 2, 8, 2, 3).mean((2, 4))
    np.testing.assert_allclose(pool(x), mean, atol=1e-6)
    # By copies, however the residue is.
    resize = generator.get_layer("level_0_block_0_shortcut_resize")
    np.testing.assert_array_equal(resize(x), x.repeat(2, 1).repeat(2, 2))


def test_what_is_strict_and_what_is_affine():
    for normalization, inner in (("weight", False), ("weight-affine", True)):
        generator, discriminator = small("resnet", normalization=normalization)
        for model, end in ((generator, "stem"), (discriminator, "head")):
            for name, layer in kernels(model).items():
                affine = inner or name == end
                assert (layer.scale, layer.use_bias) == (affine, affine), name
                assert layer.init_factor == (0.01 if name == "stem" else 1.0)
            joins = [x for x in model.layers if x.name.endswith("_join")]
            kinds = {type(layer) for layer in joins}
            assert kinds == {layers.WeightNormalizedAdd}
            assert {layer.initial_weights for layer in joins} == {(0.0, 1.0)}
        # The image alone has an affine map and no activation behind the sum.
        finish = generator.get_layer("level_0_block_0_finish")
        assert type(finish) is layers.Affine
        assert len(names(generator, "_finish")) == 1
        assert "level_0_block_0_activation" not in names(generator)
        assert not names(discriminator, "_finish")
        stem = generator.get_layer("stem_activation")
        assert type(stem) is layers.PReLU
        assert stem.alpha.shape == (1, 1, 6)
        np.testing.assert_array_equal(stem.alpha, np.full((1, 1, 6), 0.25))
    generator, _ = small("resnet", normalization="none")
    assert not names(generator, "_finish")
    assert type(generator.get_layer("level_0_block_0_join")) is keras.layers.Add


def test_at_the_start_only_shortcuts_are_heard():
    for model, use in zip(small("resnet"), (draw, judge)):
        before = use(model)
        for name, layer in kernels(model).items():
            if "_first_" in name or "_second_" in name:
                layer.kernel.assign(-2 * layer.kernel + 1)
        np.testing.assert_array_equal(use(model), before)
        for layer in model.layers:
            if layer.name.endswith("_join"):
                layer.coefficients.assign(layer.coefficients + 0.5)
        assert np.abs(use(model) - before).max() > 1e-3


def test_where_activations_are_normalized():
    """Behind both convolutions of a residue, and nowhere else."""
    for normalization, kind in (
        ("batch", keras.layers.BatchNormalization),
        ("layer", layers.LayerNormalization),
    ):
        generator, discriminator = small("resnet", normalization=normalization)
        for model in (generator, discriminator):
            found = [x for x in model.layers if "_normalization" in x.name]
            assert {type(layer) for layer in found} == {kind}
            behind = {x.name.removesuffix("_normalization") for x in found}
            expected = {
                name.removesuffix("_convolution").removesuffix("_transposed")
                for name in kernels(model)
                if "_shortcut_" not in name
                and name != "head"
                # Nothing may fix what values images have.
                and not (model is generator and name.startswith("level_0"))
            }
            if normalization == "batch":
                expected -= {"level_0_block_0_first"}
            assert behind == expected
            for name, layer in kernels(model).items():
                part = name.removesuffix("_convolution")
                part = part.removesuffix("_transposed")
                assert layer.use_bias == (part not in behind), name


# (height, width): the maps from the image's on, for three levels. A side that
# is 2 mod 4 gets a pixel at both ends, but not on the last level.
SIZES = {
    (8, 8): [(4, 4), (2, 2), (1, 1)],
    (10, 14): [(6, 8), (4, 4), (2, 2)],
    (50, 44): [(26, 22), (14, 12), (7, 6)],
}


@pytest.mark.one_backend
@pytest.mark.parametrize("size", SIZES)
def test_any_even_size(size):
    generator, discriminator = small(
        "resnet", (*size, 3), features=(2, 3, 4), blocks=(1, 2, 1)
    )
    maps = [
        discriminator.get_layer(f"level_{i}_block_0_join").output.shape[1:3]
        for i in range(3)
    ]
    assert maps == SIZES[size]
    assert generator.get_layer("stem_map").output.shape[1:3] == maps[-1]
    assert discriminator.get_layer("head").kernel_size == maps[-1]
    assert draw(generator).shape == (2, *size, 3)
    assert judge(discriminator).shape == (2, 1)


@pytest.mark.one_backend
@pytest.mark.parametrize("upsampling", ["nearest", "bilinear"])
def test_any_even_size_with_other_upsamplings(upsampling):
    generator, _ = small("resnet", (18, 14, 1), upsampling=upsampling)
    assert draw(generator).shape == (2, 18, 14, 1)


@pytest.mark.one_backend
def test_layer_names_are_stable():
    """Weight files go by them."""
    generator, discriminator = small("resnet", (18, 16, 3), dropout=0.1)
    assert names(generator) == [
        "latents",
        "stem",
        "stem_map",
        "stem_activation",
        "level_1_block_0_first_transposed",
        "level_1_block_0_first_activation",
        "level_1_block_0_second_transposed",
        "level_1_block_0_join",
        "level_1_block_0_activation",
        "level_1_block_1_first_transposed",
        "level_1_block_1_first_activation",
        "level_1_block_1_shortcut_convolution",
        "level_1_block_1_second_transposed",
        "level_1_block_1_shortcut_resize",
        "level_1_block_1_join",
        "level_1_block_1_activation",
        "level_0_block_0_first_transposed",
        "level_0_block_0_first_activation",
        "level_0_block_0_shortcut_convolution",
        "level_0_block_0_second_transposed",
        "level_0_block_0_shortcut_resize",
        "level_0_block_0_join",
        "level_0_block_0_crop",
        "level_0_block_0_finish",
        "picture_scale",
        "images",
    ]
    assert names(discriminator) == [
        "images",
        "level_0_block_0_pad",
        "level_0_block_0_first_convolution",
        "level_0_block_0_first_activation",
        "level_0_block_0_shortcut_pool",
        "level_0_block_0_second_convolution",
        "level_0_block_0_shortcut_convolution",
        "level_0_block_0_join",
        "level_0_block_0_activation",
        "level_0_block_0_dropout",
        "level_1_block_0_first_convolution",
        "level_1_block_0_first_activation",
        "level_1_block_0_shortcut_pool",
        "level_1_block_0_second_convolution",
        "level_1_block_0_shortcut_convolution",
        "level_1_block_0_join",
        "level_1_block_0_activation",
        "level_1_block_0_dropout",
        "level_1_block_1_first_convolution",
        "level_1_block_1_first_activation",
        "level_1_block_1_second_convolution",
        "level_1_block_1_join",
        "level_1_block_1_activation",
        "level_1_block_1_dropout",
        "head",
        "logits",
    ]
    generator, _ = small("resnet", normalization="batch", upsampling="nearest")
    assert names(generator, "level_1_block_1") == [
        "level_1_block_1_first_transposed",
        "level_1_block_1_first_normalization",
        "level_1_block_1_first_activation",
        "level_1_block_1_second_resize",
        "level_1_block_1_second_convolution",
        "level_1_block_1_shortcut_convolution",
        "level_1_block_1_second_normalization",
        "level_1_block_1_shortcut_resize",
        "level_1_block_1_join",
        "level_1_block_1_activation",
    ]
    assert (generator.name, discriminator.name) == (
        "generator",
        "discriminator",
    )


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ({"features": 64}, "a list of positive integers, one a level"),
        ({"features": ()}, "a list of positive integers, one a level"),
        ({"features": (4, 0)}, "a list of positive integers, one a level"),
        ({"features": (4, 2.0)}, "a list of positive integers, one a level"),
        ({"blocks": 2}, "a list of positive integers, one a level"),
        ({"blocks": (2, 0)}, "a list of positive integers, one a level"),
    ],
)
def test_bad_levels(arguments, expected):
    (name,) = arguments
    with pytest.raises(ValueError) as caught:
        small("resnet", **arguments)
    message = str(caught.value)
    assert message.startswith(f"Argument `{name}` must ")
    assert expected in message
    assert message.endswith(f"Received: {name}={arguments[name]}")


def test_bad_size_for_the_number_of_levels():
    with pytest.raises(ValueError, match="at least 32 for 5 levels. Received"):
        resnet((64, 30, 3))
    with pytest.raises(ValueError, match="as many entries as features"):
        resnet((64, 64, 3), 2, (1, 1), (1,))
    assert resnet((32, 32, 3), 2, (1,) * 5, (1,) * 5)


def test_shortcuts_of_batch_normalized_networks_let_something_through():
    """They have no normalization, so that small weights would add up."""
    generator, discriminator = resnet(
        (64, 64, 3),
        features=(8, 8, 8, 8, 12),
        blocks=(1,) * 5,
        normalization="batch",
    )
    assert draw(generator, 8).std() > 0.05
    assert judge(discriminator, 8).std() > 0.01
