"""The networks of SN-GAN: their tables, and equality with those in torch."""

import pathlib

import keras
import numpy as np
import pytest
from small_networks import call

from kerasgan.architectures import sngan

FILE = pathlib.Path(__file__).parents[1] / "oracles" / "torch_sngan.npz"
GOLDEN = {
    "cnn": {"image_shape": (24, 24, 3), "network": "cnn", "features": 2},
    "resnet32": {"image_shape": (32, 32, 3), "features": 2},
    "resnet64": {"image_shape": (64, 64, 3), "features": 1},
}
for _name in ("cnn", "resnet32"):
    GOLDEN[f"{_name}-classes"] = {**GOLDEN[_name], "num_classes": 3}


def transfer(model, weights):
    """Give a model the oracle's weights, layer by layer."""
    names = [layer.name for layer in model.layers]
    order = sorted(model.layers, key=lambda layer: _place(layer.name, names))
    variables = [v for layer in order for v in layer.weights]
    assert [tuple(v.shape) for v in variables] == [w.shape for w in weights]
    for variable, weight in zip(variables, weights):
        variable.assign(weight)


def _place(name, names):
    """The shortcut's convolution comes last in a block of the oracle."""
    block, _, rest = name.partition("_shortcut")
    if rest != "_convolution":
        return names.index(name)
    return names.index(f"{block}_join") - 0.5


@pytest.mark.parametrize("name", GOLDEN)
def test_it_equals_the_one_in_torch(name):
    with np.load(FILE) as file:
        golden = {
            key.removeprefix(f"{name}/"): file[key]
            for key in file.files
            if key.startswith(f"{name}/")
        }

    def weights(part):
        count = sum(key.startswith(f"{part}/") for key in golden)
        return [golden[f"{part}/{i}"] for i in range(count)]

    generator, discriminator = sngan(
        latent_dim=3,
        normalization="none",
        generator_normalization="batch",
        # The slope of SN-GAN's LeakyReLU belongs to `spectral`.
        **GOLDEN[name],
    )
    if name.startswith("cnn"):
        for layer in discriminator.layers:
            if isinstance(layer, keras.layers.LeakyReLU):
                layer.negative_slope = 0.1
    transfer(generator, weights("generator"))
    transfer(discriminator, weights("discriminator"))

    def inputs(x):
        return [x, golden["labels"]] if "labels" in golden else x

    images = call(generator, inputs(golden["latents"]))
    np.testing.assert_allclose(images, golden["images"], atol=1e-5)
    logits = call(discriminator, inputs(golden["images"]))
    np.testing.assert_allclose(logits, golden["logits"], rtol=1e-5, atol=1e-4)


# Trainable weights, counted by hand from the tables of the paper, and at 64
# pixels from the blocks of mimicry.
COUNTS = [
    ({}, 4_276_739, 1_053_825),
    ({"image_shape": (64, 64, 3)}, 12_220_675, 10_141_441),
    ({"network": "cnn"}, 3_804_739, 2_935_873),
    # Ten of gamma and beta instead of one in each of the six batch
    # normalizations of blocks, and ten embeddings.
    (
        {"num_classes": 10},
        4_276_739 + 9 * 6 * 2 * 256,
        1_053_825 + 10 * 128,
    ),
]


@pytest.mark.usefixtures("uninitialized")
@pytest.mark.parametrize("options, generator, discriminator", COUNTS)
def test_parameters(options, generator, discriminator):
    networks = sngan(**options)
    counts = [
        sum(int(np.prod(v.shape)) for v in network.trainable_variables)
        for network in networks
    ]
    assert counts == [generator, discriminator]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"network": "vgg"}, "`network` must be one of cnn, resnet"),
        ({"image_shape": (48, 48, 3)}, "32 or a larger power of two"),
        ({"image_shape": (64, 32, 3)}, "must be a square"),
        ({"network": "cnn", "image_shape": (15, 16, 3)}, "even height"),
        ({"features": -1}, "`features` must be a positive integer"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        sngan(**options)
