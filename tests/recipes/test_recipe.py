from pathlib import Path

import numpy as np
import pytest
import yaml

from kerasgan.data import pixels
from kerasgan.recipes.settings.data import RESIZE_METHODS
from kerasgan.recipes.settings.optimizers import OPTIMIZERS
from kerasgan.zoo import Recipe, build_networks, build_optimizer


def with_value(recipe, path, value):
    content = recipe.model_dump(mode="json")
    section = content
    for part in path.split(".")[:-1]:
        section = section[part]
    section[path.split(".")[-1]] = value
    return content


def test_round_trip_keeps_every_value(recipe):
    text = recipe.to_yaml()
    assert Recipe.from_yaml(text) == recipe
    assert Recipe.from_yaml(text).to_yaml() == text
    assert yaml.safe_load(text)["training"]["ema_decay"] == 0.999


@pytest.mark.parametrize(
    "change, message",
    [
        (
            ("steps: ", "steps: 7\n  steps: "),
            r"line \d+: duplicate key steps",
        ),
        (
            ("batch_size: 4", "batch_size: true"),
            "training.batch_size: expected a",
        ),
        (("- 3\n", "- true\n"), "architecture.image_shape: expected a number"),
    ],
)
def test_yaml_that_says_something_else_is_refused(recipe, change, message):
    text = recipe.override("batch_size", 4).to_yaml()
    assert change[0] in text
    with pytest.raises(ValueError, match=message):
        Recipe.from_yaml(text.replace(*change, 1))


def test_a_saved_recipe_is_what_was_written(recipe, tmp_path):
    path = tmp_path / "recipe.yaml"
    recipe.save(path)
    assert Recipe.load(path) == recipe
    text = path.read_text()
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert Recipe.load(path) == recipe
    changed = text.replace("seed: 0", "seed: 1")
    assert changed != text
    path.write_text(changed)
    with pytest.raises(
        ValueError, match=r"recipe.yaml was changed after it was wr"
    ):
        Recipe.load(path)
    # Who means the change deletes the last line.
    path.write_text(changed[: changed.rindex("#")])
    assert Recipe.load(path).training.seed == 1


def test_a_background_is_one_text(recipe):
    assert recipe.data.background == "white"
    content = with_value(recipe, "data.background", [0, 128, 255])
    assert Recipe.from_dict(content).data.background == "#0080ff"
    assert recipe.override("background", "[255, 255, 255]") == recipe
    with pytest.raises(ValueError, match="background: .*quotes.*None"):
        recipe.override("background", "#0080ff")


def test_numbers_in_scientific_notation_without_a_dot_are_numbers(recipe):
    assert recipe.training.generator_optimizer.learning_rate == 2e-4


@pytest.mark.parametrize(
    "path, value, expected",
    [
        ("colour", 1, "colour: unknown key, expected one of name, summary"),
        (
            "training.colour",
            1,
            "training.colour: unknown key, expected one of loss",
        ),
        (
            "training.generator_optimizer.rho",
            0.9,
            "training.generator_optimizer.rho: unknown key, expected one of name,"
            " learning_rate, warmup_steps, decay, beta_1, beta_2, epsilon",
        ),
        (
            "training.loss",
            "love",
            "training.loss: must be one of minimax, non_saturating",
        ),
        (
            "architecture.normalization",
            "wn",
            "one of none, batch, layer, weight, weight-affine, spectral. "
            "Received: normalization='wn'",
        ),
        (
            "data.background",
            "pink",
            "data.background: Expected white, black, grey, '#rrggbb' (in "
            "quotes in YAML) or three integers in 0..255. Received: 'pink'",
        ),
        (
            "architecture.kind",
            "vgg",
            "architecture.kind: must be one of dcgan, resnet, sngan. "
            "Received: kind='vgg'",
        ),
        (
            "architecture.blocks",
            [1],
            "architecture.blocks: unknown key, expected one of kind, image_shape,"
            " latent_dim, features",
        ),
        ("architecture.features", [8], "features: must be a positive integer"),
        (
            "architecture",
            3,
            "architecture: expected a mapping that names one of dcgan, resnet, "
            "sngan. Received: 3",
        ),
        ("architecture", {}, "architecture.kind: this key is missing"),
        (
            "training.generator_optimizer.name",
            "lion",
            "training.generator_optimizer.name: must be one of adam, rmsprop, "
            "sgd. Received: name='lion'",
        ),
        ("training.generator_optimizer.learning_rate", 0, "a positive number"),
        (
            "training.ema_decay",
            1,
            "training.ema_decay: must be a number above 0 and below 1, or None",
        ),
        (
            "training.batch_size",
            1.5,
            "training.batch_size: expected an integer",
        ),
        (
            "training.steps",
            -1,
            "training.steps: expected a number above 0",
        ),
        (
            "training.precision",
            "float16",
            "It must be one of float32, mixed_bfloat16. Received: ",
        ),
        (
            "data.image_size",
            9,
            "data.image_size: Expected an even height and width",
        ),
        ("data.image_size", 16, "disagree: [16, 16, 3] against [8, 8, 3]"),
        ("architecture.image_shape", [9, 9, 3], "even height and width"),
        ("architecture.image_shape", [8, 8, 2], "1 or 3 channels"),
        ("name", "../elsewhere", "name: expected a text that matches"),
        ("limits", [], "limits: expected 1 or more items"),
    ],
)
def test_wrong_content_is_refused_in_one_line(
    recipe, tmp_path, path, value, expected
):
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(with_value(recipe, path, value)))
    with pytest.raises(ValueError) as caught:
        Recipe.load(file)
    message = str(caught.value)
    assert expected in message
    assert message.startswith(f"{file}: ")
    assert "\n" not in message


@pytest.fixture
def residual(recipe):
    return recipe.override_all(
        [("kind", "resnet"), ("features", [2, 3]), ("blocks", [1, 2])]
    )


def test_a_recipe_of_a_resnet(residual):
    assert residual.architecture.features == [2, 3]
    assert residual.architecture.blocks == [1, 2]
    assert Recipe.from_yaml(residual.to_yaml()) == residual
    changed = residual.override("features", "[4, 5]")
    assert changed.architecture.features == [4, 5]
    generator, discriminator = build_networks(residual)
    assert generator.output_shape == (None, 8, 8, 3)
    assert generator.get_layer("stem_map").output.shape == (None, 2, 2, 3)
    assert discriminator.get_layer("level_1_block_1_join")


OWN = "{kind: dcgan, features: 3, normalization: batch}"


def test_a_discriminator_of_its_own(residual):
    changed = residual.override("architecture.discriminator", OWN)
    generator, discriminator = build_networks(changed)
    assert generator.get_layer("level_1_block_1_join")
    assert generator.get_layer("stem").output.shape == (None, 2 * 2 * 3)
    # Two levels of a ResNet, one of a DCGAN.
    assert discriminator.get_layer("level_0_convolution").filters == 3
    assert not any("level_1" in layer.name for layer in discriminator.layers)
    assert discriminator(generator(np.zeros((2, 4)))).shape == (2, 1)
    # It survives being written and read.
    assert Recipe.from_yaml(changed.to_yaml()) == changed
    back = changed.override("architecture.discriminator", None)
    assert back == residual


def test_another_kind_of_discriminator_of_its_own(residual):
    changed = residual.override("architecture.discriminator", OWN)
    key = "architecture.discriminator"
    other = changed.override_all(
        [(f"{key}.kind", "resnet"), (f"{key}.features", [5])]
        + [(f"{key}.blocks", [2]), (f"{key}.normalization", "weight")]
        + [(f"{key}.logit_scale", 7)]
    )
    discriminator = build_networks(other)[1]
    assert discriminator.get_layer("level_0_block_1_join")
    assert float(discriminator.get_layer("head").gamma[0]) == 7


@pytest.mark.parametrize(
    "pairs, message",
    [
        (
            [("dropout", 0.5)],
            "set discriminator.dropout instead. Received: dropout=0.5",
        ),
        ([("logit_scale", 2)], "Received: logit_scale=2"),
        (
            [("discriminator_normalization", "batch")],
            "Received: discriminator_normalization='batch'",
        ),
        (
            [("architecture.discriminator", "{kind: vgg}")],
            "discriminator.kind: must be one of dcgan, resnet",
        ),
        (
            [("architecture.discriminator", "{kind: dcgan, blocks: [1]}")],
            "discriminator.blocks: unknown key, expected one of kind, features",
        ),
        (
            [("architecture.discriminator", "{kind: resnet, blocks: [1]}")],
            "blocks must have as many entries as features",
        ),
        (
            [
                (
                    "architecture.discriminator",
                    "{kind: resnet, features: [1, 1, 1, 1], blocks: [1, 1, 1, 1]}",
                )
            ],
            "at least 16 for 4 levels",
        ),
    ],
)
def test_what_a_discriminator_of_its_own_refuses(residual, pairs, message):
    changed = residual.override("architecture.discriminator", OWN)
    with pytest.raises(ValueError) as caught:
        changed.override_all(pairs)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "path, value, expected",
    [
        (
            "features",
            64,
            "features: must be a list of positive integers, one a level",
        ),
        (
            "features",
            [4, 0],
            "one a level. Received: features=[4, 0]",
        ),
        ("features", [], "one a level. Received: features=[]"),
        ("blocks", 2, "blocks: must be a list of positive integers"),
        (
            "blocks",
            [1],
            " blocks must have as many entries as features. "
            "Received: blocks=[1], features=[2, 3]",
        ),
        (
            "logit_scale",
            0,
            "must be a positive number, or None. Received: logit_scale=0",
        ),
        (
            "colour",
            1,
            "colour: unknown key, expected one of kind, image_shape, latent_dim,"
            " features, blocks, normalization, generator_normalization, "
            "discriminator_normalization, upsampling, dropout, activation, "
            "logit_scale, max_features, discriminator",
        ),
    ],
)
def test_what_a_resnet_refuses(residual, path, value, expected):
    content = with_value(residual, f"architecture.{path}", value)
    with pytest.raises(ValueError) as caught:
        Recipe.from_dict(content)
    message = str(caught.value)
    assert message.startswith("recipe: architecture")
    assert expected in message
    assert "\n" not in message


def test_a_resnet_needs_images_that_its_levels_can_halve(residual):
    with pytest.raises(ValueError) as caught:
        residual.override_all(
            [("features", [1, 1, 1, 1]), ("blocks", [1, 1, 1, 1])]
        )
    assert str(caught.value) == (
        "recipe dcgan-wn-dots: architecture: Argument `image_shape` must be "
        "(height, width, channels) with even height and width of at least 16 "
        "for 4 levels. Received: image_shape=(8, 8, 3)"
    )


def test_a_missing_key_is_named(recipe):
    content = recipe.model_dump(mode="json", exclude={"summary"})
    with pytest.raises(
        ValueError, match="recipe: summary: this key is missing"
    ):
        Recipe.from_dict(content)


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "a: b: c", "\t- x"])
def test_what_is_no_recipe_at_all_is_refused_in_one_line(text):
    with pytest.raises(ValueError, match="^mine: ") as caught:
        Recipe.from_yaml(text, source="mine")
    assert "\n" not in str(caught.value)


def test_override_replaces_one_value(recipe):
    changed = recipe.override(
        "training.generator_optimizer.learning_rate", "4e-4"
    )
    assert changed.training.generator_optimizer.learning_rate == 4e-4
    assert recipe.training.generator_optimizer.learning_rate == 2e-4
    assert changed.training.discriminator_optimizer == (
        recipe.training.discriminator_optimizer
    )


def test_the_share_to_hold_out(recipe):
    assert recipe.data.hold_out is None
    held = recipe.override("hold_out", "5%")
    assert held.data.hold_out == 0.05
    assert Recipe.from_yaml(held.to_yaml()) == held
    assert recipe.override("data.hold_out", 0.05) == held
    with pytest.raises(
        ValueError, match=r"hold_out: Expected.*none\). Received: 500$"
    ):
        recipe.override("hold_out", "500")


def test_override_finds_the_section_of_a_key(recipe):
    assert recipe.override("batch_size", "16").training.batch_size == 16
    assert recipe.override("ema_decay", "null").training.ema_decay is None
    # `licence` is a key of the recipe and of its data: the recipe's is meant.
    changed = recipe.override("licence", "BSD")
    assert (changed.licence, changed.data.licence) == ("BSD", "CC0")


def test_override_of_an_optimizer_keeps_what_the_new_one_has(recipe):
    changed = recipe.override("training.generator_optimizer.name", "rmsprop")
    assert changed.training.generator_optimizer == OPTIMIZERS["rmsprop"](
        name="rmsprop", learning_rate=2e-4
    )


def test_override_of_an_architecture_keeps_what_the_new_one_has(residual):
    assert residual.architecture.latent_dim == 4
    back = residual.override_all([("kind", "dcgan"), ("features", 7)])
    assert back.architecture.features == 7
    assert not hasattr(back.architecture, "blocks")
    # Nothing that was said is dropped in silence.
    with pytest.raises(ValueError, match="features: must be .* integer"):
        residual.override("architecture.kind", "dcgan")


def test_values_that_depend_on_each_other_change_together(recipe):
    changed = recipe.override_all(
        [("image_size", "16"), ("image_shape", "[16, 16, 3]")]
    )
    assert changed.architecture.image_shape == (16, 16, 3)


@pytest.mark.parametrize(
    "key, value, expected",
    [
        (
            "colour",
            "1",
            'colour: no such key in a recipe; the page "Recipe keys" of the '
            "documentation lists all",
        ),
        ("c", "1", 'c: no such key in a recipe; the page "Recipe keys"'),
        ("norm", "1", "recipe, did you mean architecture.normalization?"),
        ("archi", "1", "key in a recipe, did you mean architecture?"),
        (
            "optimizer.learn",
            "1",
            "did you mean one of training.generator_optimizer.learning_rate, "
            "training.discriminator_optimizer.learning_rate?",
        ),
        (
            "rate",
            "1",
            "did you mean one of training.generator_optimizer.learning_rate, "
            "training.discriminator_optimizer.learning_rate?",
        ),
        (
            "optimizer",
            "{}",
            "did you mean one of training.generator_optimizer, "
            "training.discriminator_optimizer?",
        ),
        (
            "lr",
            "1",
            "did you mean one of training.generator_optimizer.learning_rate, ",
        ),
        (
            "training.gen",
            "1",
            "training.gen: unknown key, did you mean generator_optimizer? expected",
        ),
        (
            "learning_rat",
            "1",
            "did you mean one of training.generator_optimizer.learning_rate, "
            "training.discriminator_optimizer.learning_rate",
        ),
        (
            "training.colour",
            "1",
            "training.colour: unknown key, expected one of loss",
        ),
        ("colour.red", "1", "colour.red: no such key"),
        ("batchsize", "1", "key in a recipe, did you mean batch_size?"),
        (
            "generator_optimiser.learning_rate",
            "1",
            "did you mean generator_optimizer.learning_rate?",
        ),
        (
            "training.batchsize",
            "1",
            "training.batchsize: unknown key, did you mean batch_size? expected",
        ),
        ("training.steps.more", "1", "training.steps.more: no such key"),
        (
            "training.loss",
            "love",
            ". Received: loss='love'",
        ),
        (
            "batch_size",
            "many",
            "training.batch_size: expected an integer",
        ),
        ("limits", "[", "expected a value in YAML. Received: '['"),
    ],
)
def test_override_refuses_what_a_recipe_refuses(recipe, key, value, expected):
    with pytest.raises(ValueError) as caught:
        recipe.override(key, value)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_page_that_lists_the_keys_has_the_title_that_errors_name():
    page = Path(__file__).parents[2] / "docs" / "extension" / "names.py"
    assert '"# Recipe keys"' in page.read_text()


def test_the_choices_are_those_of_the_code():
    assert tuple(pixels.RESIZE_METHODS) == RESIZE_METHODS


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_take_every_setting(name):
    settings = OPTIMIZERS[name](name=name, learning_rate=0.25)
    optimizer = build_optimizer(settings)
    assert type(optimizer).__name__.lower() == name
    config = optimizer.get_config()
    ours = {"name", "warmup_steps", "decay"}
    for key, value in settings.model_dump(exclude=ours).items():
        assert config[key] == value


def test_override_leaves_the_values_alone_that_it_is_given(recipe):
    sgd = {"name": "sgd", "learning_rate": 0.1}
    changed = recipe.override_all(
        [("generator_optimizer", sgd), ("generator_optimizer.learning_rate", 1)]
    )
    assert changed.training.generator_optimizer.learning_rate == 1
    assert sgd == {"name": "sgd", "learning_rate": 0.1}
