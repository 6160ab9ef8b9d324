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
    ],
)
def test_info_says_what_the_network_is(run, here, overrides, expected):
    recipe = zoo.recipe(NAME).override_all(overrides)
    path = catalogue.folder() / NAME / "recipe.yaml"
    path.write_text(recipe.to_yaml())
    lines = run("info", NAME).stdout.splitlines()
    (found,) = (line for line in lines if line.startswith("network "))
    assert found.split(maxsplit=1)[1].strip() == expected
