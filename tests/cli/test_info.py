import json
import re

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
    recipe = zoo.recipe(NAME).override_all(
        [("architecture.normalization", "weight"), *overrides]
    )
    path = catalogue.folder() / NAME / "recipe.yaml"
    path.write_text(recipe.to_yaml())
    lines = run("info", NAME).stdout.splitlines()
    (found,) = (line for line in lines if line.startswith("network "))
    assert found.split(maxsplit=1)[1].strip() == expected


def test_info_says_what_a_training_took(run, entry):
    training = {
        "steps": 5,
        "batch_size": 1,
        "images": 1,
        "data": "x",
        "device": "one core",
        "wall_time_s": 60.0,
        "steps_per_s": 1.0,
        "kerasgan": "0",
        "keras": "0",
        "backend": "x",
        "began_from": {"name": "o", "weights": "1" * 64, "steps": 20},
    }
    content = {
        "name": "dcgan-wn-dots",
        "weights": {},
        "training": training,
        "metrics": [],
        "command": "x",
    }
    (entry / "metrics.json").write_text(json.dumps(content))
    lines = run("info", "dcgan-wn-dots", "--full").stdout.splitlines()
    rows = dict(re.split("  +", line, maxsplit=1) for line in lines[2:])
    found = {key: value.strip() for key, value in rows.items()}
    assert found["trained"] == "5 steps in 1 min on one core"
    assert found["fine-tuned from"] == (
        "o (20 steps, generator 1111111111111111)"
    )
