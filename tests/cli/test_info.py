import json

import pytest

from kerasgan import zoo
from kerasgan.zoo import catalogue

NAME = "dcgan-wn-untrained"


@pytest.mark.parametrize(
    "overrides, expected",
    [
        ([], "dcgan, 2 features, normalization weight"),
        (
            [
                ("normalization", "spectral"),
                ("generator_normalization", "none"),
            ],
            "dcgan, 2 features, normalization spectral, none in the generator",
        ),
        (
            [("kind", "resnet"), ("features", [2, 3]), ("blocks", [1, 2])],
            "resnet, 2-3 features, 1-2 blocks, normalization weight",
        ),
        (
            [
                (
                    "architecture.discriminator",
                    "{kind: resnet, features: [4], blocks: [1]}",
                )
            ],
            "dcgan, 2 features, normalization weight, with a discriminator "
            "resnet, 4 features, 1 blocks, normalization weight",
        ),
    ],
)
def test_info_says_what_the_network_is(run, here, overrides, expected):
    recipe = zoo.recipe(NAME).override_all(overrides)
    path = catalogue.folder() / NAME / "recipe.yaml"
    path.write_text(recipe.to_yaml())
    lines = run("info", NAME).stdout.splitlines()
    (found,) = (line for line in lines if line.startswith("network "))
    assert found.split(maxsplit=1)[1].strip() == expected


@pytest.mark.parametrize(
    "own, by",
    [
        (False, "this recipe"),
        (True, "settings of their own, which the card has"),
    ],
)
def test_info_says_what_all_trainings_took(own, by, run, entry):
    training = {
        "steps": 20,
        "batch_size": 1,
        "images": 1,
        "data": "x",
        "device": "one core",
        "wall_time_s": 60.0,
        "steps_per_s": 1.0,
        "kerasgan": "0",
        "keras": "0",
        "backend": "x",
    }
    recipe = zoo.recipe("dcgan-wn-dots").model_dump(mode="json")
    origin = {"name": "o", "weights": "1" * 64, "training": training}
    content = {
        "name": "dcgan-wn-dots",
        "weights": {},
        "training": {**training, "began_from": {**origin, "recipe": recipe}},
        "metrics": [],
        "command": "x",
    }
    content["training"]["steps"] = 5
    if own:
        content["training"]["recipe"] = recipe
    (entry / "metrics.json").write_text(json.dumps(content))
    lines = run("info", "dcgan-wn-dots").stdout.splitlines()
    (found,) = (line for line in lines if line.startswith("trained "))
    assert found.split(maxsplit=1)[1].strip() == (
        f"25 steps in 2 min on one core, the last 5 of them by {by}; the card "
        "tells of the others"
    )
