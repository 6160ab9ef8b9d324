import json

import pytest
import yaml

from kerasgan import zoo
from kerasgan.zoo import Metrics
from kerasgan.zoo.formatting import (
    duration,
    headline_protocol,
    protocol_texts,
    three_digits,
)
from kerasgan.zoo.metric_names import label, name_in_words, scaled
from kerasgan.zoo.records import Measurement


def test_the_card_states_what_users_must_know(recipe, metrics):
    text = zoo.render_card(recipe, metrics)
    for fact in (
        "# dcgan-wn-dots\n",
        "![Generated samples](samples.png)",
        'kerasgan.zoo.load("dcgan-wn-dots")  # latents [N, 4]',
        "uint8 [16, 8, 8, 3]",
        "| licence | CC0 |",
        "Licence of the weights: MIT.\n",
        "- only dots: and few\n",
        "| steps | 1,000 of 32 images each |",
        "| training images | 640 (dots, train) |",
        "| epochs | 50 |",
        "| hardware | two cores |",
        "| wall time | 1 h 02 min (0.3 steps/s) |",
        "| generator optimizer | adam(learning_rate=0.0002, beta_1=0.9, ",
        "| reconstruction error | 0.01235 | std 0.005 | images 8, update steps 50 |",
        "kerasgan evaluate dcgan-wn-dots\n",
        "- `generator.weights.h5`: `" + "0" * 64,
        "Intended use: Tests\n",
        "1,000 steps of 32 images out of 640 (dots), in 1 h 02 min on two cores, "
        "with the `non_saturating` loss.\n",
        "license_name: dots-terms\n",
        "tags: [gan, kerasgan, dcgan, weight-normalization]\n",
        "|  | reconstruction error |\n| --- | --- |\n| samples | 0.0123 |\n",
    ):
        assert fact in text


def test_the_card_has_what_real_images_get(recipe, metrics):
    numbers = {"fid768": 0.5, "fid768_real": 0.0512, "kid768": 0.001}
    protocol = {"split": "train", "images": 100, "samples": 50}
    measured = [
        Measurement(name=name, value=value, protocol=protocol)
        for name, value in numbers.items()
    ]
    metrics = metrics.model_copy(update={"metrics": measured})
    text = zoo.render_card(recipe, metrics)
    assert (
        "|  | FID-768 | KID-768 x 1000 |\n| --- | --- | --- |\n"
        "| samples | 0.500 | 1.00 |\n| real images | 0.0512 |  |\n"
    ) in text


@pytest.mark.parametrize(
    "name, words, in_words",
    [
        ("fid", "FID", "fid"),
        ("kid768", "KID-768 x 1000", "kid768 x 1000"),
        (
            "kid768_real",
            "KID-768 x 1000, real images",
            "kid768 real x 1000",
        ),
        ("class_accuracy768", "class accuracy-768", "class accuracy768"),
        (
            "reconstruction_error",
            "reconstruction error",
            "reconstruction error",
        ),
    ],
)
def test_what_people_call_a_number(name, words, in_words):
    assert label(name) == words
    assert label(name, raw=True) == words.replace(" x 1000", "")
    assert name_in_words(name) == in_words


def test_people_read_kid_times_1000_and_programs_as_it_is(recipe, metrics):
    item = Measurement(
        name="kid768",
        value=0.00068,
        spread={"std_of_subsets": 2e-5},
        protocol={"data": "tfds:dots", "split": "train"},
        classes={"sea": {"value": 0.002, "samples": 3, "images": 4}},
    )
    shown = scaled(item)
    assert shown.value == pytest.approx(0.68)
    assert shown.spread == {"std_of_subsets": pytest.approx(0.02)}
    assert shown.classes["sea"] == {"value": 2.0, "samples": 3, "images": 4}
    assert item.value == 0.00068
    metrics = metrics.model_copy(update={"metrics": [item]})
    text = zoo.render_card(recipe, metrics, repository="hf://me/dots")
    front, text = text.split("---\n", 2)[1:]
    assert "metrics: [kid768]\n" in front
    (model,) = yaml.safe_load(front)["model-index"]
    assert model["results"][0]["metrics"] == [
        {"type": "kid768", "value": 0.00068, "name": "KID-768"}
    ]
    assert "|  | KID-768 x 1000 |\n| --- | --- |\n| samples | 0.680 |" in text
    assert "| kid768 x 1000 | 0.68 | std of subsets 0.02 |" in text


@pytest.mark.parametrize(
    "samples_are, words, headline",
    [
        (
            {"every": 2},
            "every second image, compared with the others",
            "real images: 6,000 of these instead of samples, against the "
            "others",
        ),
        (
            {"split": "test"},
            "images of split test",
            "real images: 6,000 of split test instead of samples, against them",
        ),
    ],
)
def test_which_real_images_took_the_place_of_samples(
    recipe, metrics, samples_are, words, headline
):
    protocol = {"images": 12000, "split": "train", "samples": 6000}
    numbers = {
        "fid768": protocol,
        "fid768_real": {**protocol, "samples_are": samples_are},
    }
    measured = [
        Measurement(name=name, value=0.5, protocol=of)
        for name, of in numbers.items()
    ]
    assert protocol_texts(measured[1].protocol)["samples_are"] == words
    result = metrics.model_copy(update={"metrics": measured})
    assert headline_protocol(result) == (
        f"others: 6,000 samples against 12,000 training images; {headline}"
    )
    card = zoo.render_card(recipe, result)
    assert f"samples 6000, samples are {words} |" in card


def test_a_card_without_measurements_says_how_to_train(recipe):
    text = zoo.render_card(recipe)
    assert "kerasgan train dcgan-wn-dots --data tfds:dots" in text
    assert "samples.png" not in text
    assert "zoo.load" not in text


def test_the_card_says_what_discriminator_it_has(recipe):
    own = "{kind: dcgan, features: 3, dropout: 0.5}"
    text = zoo.render_card(recipe.override("architecture.discriminator", own))
    assert (
        "| discriminator | kind dcgan, features 3, normalization weight, "
        "dropout 0.5 |"
    ) in text


def test_the_card_names_the_classes(recipe, metrics):
    """There is no pipeline tag at Hugging Face for images of a class."""
    assert "\npipeline_tag: uncond" in zoo.render_card(recipe, metrics)
    conditional = recipe.override("data.classes", ["sea", "sky"])
    text = zoo.render_card(conditional, metrics)
    assert "pipeline_tag" not in text
    for fact in (
        "weight-normalization, conditional-image-generation]\n",
        "| classes | 2: sea, sky |",
        "# latents [N, 4], labels [N] -> images",
        "selected; `--label all` draws one row per class.\n",
    ):
        assert fact in text


def test_a_bar_does_not_break_a_table(recipe):
    text = zoo.render_card(recipe.override("data.citation", "A | B"))
    assert "| citation | A \\| B |" in text


def test_write_card_makes_it_of_the_files(add_entry, metrics):
    folder = add_entry("dcgan-wn-dots")
    with pytest.raises(ValueError, match="dcgan-wn-dots has no card"):
        zoo.card("dcgan-wn-dots")
    zoo.write_card("dcgan-wn-dots")
    assert zoo.card("dcgan-wn-dots") == zoo.render_card(
        zoo.recipe("dcgan-wn-dots")
    )
    (folder / "metrics.json").write_text(metrics.to_json())
    zoo.write_card(folder)
    assert "0.01235" in zoo.card("dcgan-wn-dots")


def test_metrics_round_trip(metrics, tmp_path):
    path = tmp_path / "metrics.json"
    path.write_text(metrics.to_json())
    assert Metrics.load(path) == metrics
    assert metrics.find("reconstruction_error").value == 0.01234567
    assert metrics.find("fid") is None


def test_protocols_of_earlier_versions_have_the_names_of_today(metrics):
    content = metrics.model_dump(mode="json")
    content["metrics"][0]["protocol"] = {"looked_at": 8, "pictures_of_each": 9}
    read = Metrics.model_validate(content).metrics[0].protocol
    assert read == {"samples_compared": 8, "images_of_each": 9}


@pytest.mark.parametrize(
    "path, value, expected",
    [
        (["colour"], 1, "colour: unknown key, expected one of name, weights"),
        (
            ["weights", "generator.weights.h5"],
            "abc",
            "weights.generator.weights.h5",
        ),
        (
            ["training", "images"],
            0,
            "training.images: expected a number above 0",
        ),
        (
            ["metrics", 0, "value"],
            "x",
            "metrics.0.value: expected a number",
        ),
        (
            ["metrics", 0, "colour"],
            1,
            "unknown key, expected one of name, value",
        ),
    ],
)
def test_wrong_metrics_are_refused_in_one_line(
    metrics, tmp_path, path, value, expected
):
    content = metrics.model_dump(mode="json")
    section = content
    for part in path[:-1]:
        section = section[part]
    section[path[-1]] = value
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps(content))
    with pytest.raises(ValueError) as caught:
        Metrics.load(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_json_is_refused(tmp_path):
    file = tmp_path / "metrics.json"
    file.write_text("{")
    with pytest.raises(ValueError, match="not a JSON document"):
        Metrics.load(file)


@pytest.mark.parametrize(
    "seconds, words",
    [(59, "59 s"), (60, "1 min"), (3599, "1 h 00 min"), (5460, "1 h 31 min")],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


def with_record(metrics, **changes):
    """The metrics with another record of the training."""
    content = metrics.model_dump(mode="json")
    content["training"].update(changes)
    return Metrics.model_validate(content)


PARENT = {
    "name": "dcgan-wn-dots",
    "weights": "1" * 64,
    "steps": 500,
    "licence": "MIT",
}


def test_the_card_says_how_weights_came_to_be(recipe, metrics):
    text = zoo.render_card(recipe, metrics)
    assert "kerasgan train" not in text
    done = with_record(metrics, command="kerasgan train x", began_from=PARENT)
    text = zoo.render_card(recipe, done)
    assert "loss, by `kerasgan train x`. It was fine-tuned" in text
    tuned = "from the weights of dcgan-wn-dots (500 steps, generator 11111111"
    assert tuned in text


def test_the_card_of_an_entry_has_its_shortest_command(metrics):
    recipe = zoo.recipe("dcgan-wn-celeba")
    more = {"recipe_sha256": recipe.digest}
    done = with_record(metrics, command="kerasgan train x --resume", **more)
    text = zoo.render_card(recipe, done)
    assert "loss, by `kerasgan train dcgan-wn-celeba --data dots`." in text
    # As it was given.
    assert "Commands:\n\n```sh\nkerasgan train x --resume\n```\n" in text


@pytest.mark.parametrize(
    "value, words",
    [
        (0.013, "0.0130"),
        (0.0129649, "0.0130"),
        (13.4, "13.4"),
        (123.4, "123"),
        (0.0003, "0.000300"),
        (0, "0.00"),
        (1.999, "2.00"),
    ],
)
def test_three_digits(value, words):
    assert three_digits(value) == words


def test_the_licence_of_what_a_training_began_with_stays(recipe, metrics):
    mine = recipe.override_all([("name", "mine"), ("licence", "not stated")])
    tuned = with_record(metrics, began_from=PARENT)
    assert (
        "weights: not stated. Trained from the weights of dcgan-wn-dots, whose "
        "licence holds for these, too: MIT.\n" in zoo.render_card(mine, tuned)
    )
    # The same licence need not be said twice.
    assert "weights: MIT.\n" in zoo.render_card(recipe, tuned)


@pytest.mark.parametrize(
    "how, words",
    [
        (
            {"measure": "fid768", "every": 500, "count": 2000},
            "the best fid768 (2,000 images or samples), measured every 500 steps",
        ),
        # Records of kerasgan 0.1.
        ({"rule": "the lowest fid768"}, "the lowest fid768"),
    ],
)
def test_the_card_says_how_networks_were_chosen(recipe, metrics, how, words):
    ends = {"numbers": {"fid768": 1.0}, "last_numbers": {"fid768": 2.0}}
    chosen = {**how, **ends, "last_steps": 1000}
    text = zoo.render_card(recipe, with_record(metrics, selection=chosen))
    assert f"steps: {words}. Measured during" in text
    assert "| selected | 1,000 | 1 |\n| last | 1,000 | 2 |" in text
