"""Every recipe of the zoo makes the networks that it says, with and without weights."""

import pytest

from kerasgan import zoo

# What the paper's networks come to: architecture, generator, discriminator.
COUNTS = {
    "dcgan-wn-lsun-bedroom": (3_806_086, 2_765_698),
    "dcgan-wn-celeba160": (17_701_766, 11_173_762),
}


@pytest.mark.integration
@pytest.mark.parametrize("name", zoo.list(pretrained=False))
def test_it_builds(name):
    recipe = zoo.recipe(name)
    generator, discriminator = zoo.load(name, "both", weights=False)
    shape = (None, *recipe.architecture.image_shape)
    assert generator.output_shape == shape
    labels = [shape, (None,)]
    expected = labels if recipe.data.classes else shape
    assert discriminator.input_shape == expected
    if name in COUNTS:
        counts = generator.count_params(), discriminator.count_params()
        assert counts == COUNTS[name]
    with pytest.raises(ValueError, match=f"kerasgan train {name}"):
        zoo.load(name)
