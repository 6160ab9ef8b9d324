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


def test_info_shows_kid_times_1000(run, entry):
    numbers = {"kid768": 0.00068, "kid768_real": -5e-8, "fid768": 0.3}
    content = {
        "name": "dcgan-wn-dots",
        "weights": {},
        "metrics": [
            {
                "name": name,
                "value": value,
                "spread": {"std_of_subsets": 2e-5},
                "protocol": {
                    **{"images": 9, "split": "train", "samples": 8},
                    "samples_are": {"split": "test"},
                },
            }
            for name, value in numbers.items()
        ],
        "command": "x",
    }
    (entry / "metrics.json").write_text(json.dumps(content))
    lines = run("info", "dcgan-wn-dots").stdout.splitlines()
    rows = {tuple(re.split("  +", line.strip())) for line in lines}
    assert rows >= {
        ("metric", "value", "real images"),
        ("FID-768", "0.3"),
        ("KID-768 x 1000", "0.68", "-5e-05"),
    }
    lines = run("info", "dcgan-wn-dots", "--full").stdout.splitlines()
    rows = {tuple(re.split("  +", line.strip()))[:3] for line in lines}
    assert rows >= {
        ("kid768 x 1000", "0.68", "std of subsets 0.02"),
        ("kid768 real x 1000", "-5e-05", "std of subsets 0.02"),
    }
    assert lines[-1].endswith("samples are images of split test")
