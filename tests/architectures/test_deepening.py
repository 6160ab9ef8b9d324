"""A residual network that begins with a DCGAN's function."""

import keras
import numpy as np
import pytest

from kerasgan.architectures import dcgan, deepen, resnet
from kerasgan.layers import TPReLU

SHAPE = (16, 20, 3)


def shaken(network, seed):
    """The network with weights as after a training."""
    rng = np.random.default_rng(seed)
    for layer in network.layers:
        values = []
        for weight in layer.get_weights():
            noise = rng.normal(size=weight.shape) * 0.2
            values.append(weight * (1 + noise) + noise * (weight.ndim == 1))
        if isinstance(layer, TPReLU):
            values[0] = np.clip(values[0], 0, 1)
        layer.set_weights(values)
    return network


def pairs(normalization="weight", blocks=(2, 2), **options):
    shallow = dcgan(SHAPE, 5, 4, normalization, **options)
    deep = resnet(SHAPE, 5, (4, 8), blocks, normalization, **options)
    return list(zip(shallow, deep))


def inputs(network):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(6, *network.input_shape[1:])).astype("float32")
    return x if network.name == "generator" else np.tanh(x)


@pytest.mark.parametrize(
    "normalization, blocks, options",
    [
        ("weight", (2, 2), {}),
        ("weight", (1, 3), {"upsampling": "nearest"}),
        ("weight", (3, 2), {"activation": "prelu", "logit_scale": 3.0}),
        ("weight-affine", (2, 3), {}),
        ("weight-affine", (1, 2), {"upsampling": "bilinear", "dropout": 0.5}),
    ],
)
def test_the_function_is_the_same(normalization, blocks, options):
    for seed, (shallow, deep) in enumerate(
        pairs(normalization, blocks, **options)
    ):
        shaken(shallow, seed)
        shaken(deep, seed + 7)
        x = inputs(shallow)
        before = deep.predict(x, verbose=0)
        deepen(shallow, deep, slope=1.0)
        expected = shallow.predict(x, verbose=0)
        found = deep.predict(x, verbose=0)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
        assert np.abs(before - expected).max() > 1e-2


def test_it_is_nearly_the_same_by_default():
    for seed, (shallow, deep) in enumerate(pairs()):
        shaken(shallow, seed)
        deepen(shallow, deep)
        x = inputs(shallow)
        expected = shallow.predict(x, verbose=0)
        error = np.std(deep.predict(x, verbose=0) - expected) / np.std(expected)
        assert 1e-4 < error < 0.1


def test_all_of_it_learns():
    """After three updates nothing of the deep network is as it began.

    The sums begin with coefficients of 0, behind which there is no gradient
    in the first update.
    """
    keras.utils.set_random_seed(0)
    shallow, deep = pairs()[0]
    deepen(shaken(shallow, 1), deep)
    before = [weight.numpy() for weight in deep.trainable_weights]
    model = keras.Model(deep.inputs, deep.outputs)
    model.compile(keras.optimizers.SGD(1.0), "mse")
    x = inputs(shallow)
    target = np.random.default_rng(5).uniform(-1, 1, (6, *SHAPE))
    for _ in range(3):
        model.train_on_batch(x, target)
    still = [
        weight.path
        for weight, old in zip(deep.trainable_weights, before)
        if np.array_equal(weight.numpy(), old)
    ]
    assert not still


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"features": (4, 6)}, "same channels at each level"),
        ({"features": (4,), "blocks": (2,)}, "no layer|same channels"),
        ({"normalization": "none"}, "weight-normalized sums"),
        ({"normalization": "weight-affine"}, "normalization and activation"),
        ({"upsampling": "nearest"}, "same levels and upsampling"),
        ({"blocks": (2, 1)}, "two blocks or more"),
    ],
)
def test_other_networks_are_refused(arguments, message):
    shallow = dcgan(SHAPE, 5, 4, "weight")[0]
    options = {"features": (4, 8), "blocks": (2, 2), **arguments}
    deep = resnet(SHAPE, 5, **options)[0]
    before = deep.get_weights()
    with pytest.raises(ValueError, match=message):
        deepen(shallow, deep)
    for old, new in zip(before, deep.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_pairs_and_slopes_that_are_none():
    (generator, deep), (discriminator, _) = pairs()
    with pytest.raises(ValueError, match="discriminator and generator"):
        deepen(discriminator, deep)
    with pytest.raises(ValueError, match="0 residual levels"):
        deepen(generator, generator)
    with pytest.raises(ValueError, match="slope=0"):
        deepen(generator, deep, slope=0)
