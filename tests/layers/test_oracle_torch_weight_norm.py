"""Weight normalization against torch.nn.utils.parametrizations.weight_norm.

The golden files are made by tests/oracles/torch_parametrizations.py.
"""

import pathlib

import keras
import numpy as np
import pytest
from keras import ops

from kerasgan import layers

FOLDER = pathlib.Path(__file__).parents[1] / "oracles"
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}

CONV2D = {"filters": 3, "kernel_size": (3, 2), "strides": (1, 2)}
TRANSPOSED = {"filters": 3, "kernel_size": (3, 4), "strides": (1, 2)}
# Keras's layer, that of Xiang & Li, arguments, by what the latter's outputs
# are larger: the root of the strides' product
LAYERS = {
    "linear": (
        keras.layers.Dense,
        layers.WeightNormalizedDense,
        {"units": 4},
        1,
    ),
    "conv2d": (
        keras.layers.Conv2D,
        layers.WeightNormalizedConv2D,
        CONV2D,
        1,
    ),
    "conv_transpose2d": (
        keras.layers.Conv2DTranspose,
        layers.WeightNormalizedConv2DTranspose,
        TRANSPOSED,
        2**0.5,
    ),
}

every_layer = pytest.mark.parametrize("name", LAYERS)


def golden(name):
    return np.load(FOLDER / f"torch_{name}.npz")


def group(found, key):
    return {
        name.split("/")[1]: found[name]
        for name in found
        if name.startswith(key + "/")
    }


def check(layer, weights, found, expected, gradients):
    """Hold a layer's output and all its gradients against torch's.

    Args:
        layer: built.
        weights: torch's name of the gradient -> value, in the layer's order.
        found: the golden file.
        expected: torch's output and gradients.
        gradients: the fixture.
    """
    for variable, value in zip(
        layer.trainable_variables, weights.values(), strict=True
    ):
        variable.assign(value)
    np.testing.assert_allclose(
        layer(found["x"]), expected["output"], **TOLERANCE
    )

    def loss(x, *values):
        y, _ = layer.stateless_call(
            list(values), layer.non_trainable_variables, x
        )
        return ops.mean(ops.square(y - found["target"]))

    arrays = gradients(loss, found["x"], *weights.values())
    for key, array in zip(["by_input", *weights], arrays, strict=True):
        assert np.abs(expected[key]).max() > 0.01
        np.testing.assert_allclose(
            array, expected[key], **TOLERANCE, err_msg=key
        )


@every_layer
@pytest.mark.parametrize("lengths", ["norm", "random", "one"])
def test_weight_normalization(name, lengths, gradients):
    found, (kind, _, arguments, _) = golden(name), LAYERS[name]
    expected = group(found, f"weight_norm_{lengths}")
    layer = layers.WeightNormalization(
        kind(
            **arguments,
            kernel_initializer=keras.initializers.Constant(found["kernel"]),
        ),
        data_init=False,
    )
    layer.build(found["x"].shape)
    if lengths == "norm":
        np.testing.assert_allclose(layer.g.numpy(), expected["g"], rtol=1e-6)
    weights = {
        "by_g": expected["g"],
        "by_kernel": found["kernel"],
        "by_bias": found["bias"],
    }
    check(layer, weights, found, expected, gradients)


@every_layer
def test_affine_layers_of_xiang_and_li(name, gradients):
    """theirs is g = 1; ours has the stride of a transposed one next to gamma."""
    found, (_, kind, arguments, factor) = golden(name), LAYERS[name]
    expected = group(found, "weight_norm_one")
    expected["by_g"] = expected["by_g"] * factor
    layer = kind(**arguments, scale=True, use_bias=True)
    layer.build(found["x"].shape)
    weights = {
        "by_kernel": found["kernel"],
        "by_g": np.full_like(found["bias"], 1 / factor),
        "by_bias": found["bias"],
    }
    check(layer, weights, found, expected, gradients)


@every_layer
def test_strict_layers_of_xiang_and_li(name):
    found, (_, kind, arguments, factor) = golden(name), LAYERS[name]
    layer = kind(**arguments)
    layer.build(found["x"].shape)
    layer.kernel.assign(found["kernel"])
    expected = found["weight_norm_one/output"] - found["bias"]
    np.testing.assert_allclose(
        layer(found["x"]), factor * expected, **TOLERANCE
    )


def test_torch_takes_input_channels_unless_told():
    """dim=0 is the input axis of a ConvTranspose2d; spectral_norm knows it."""
    found = golden("conv_transpose2d")
    kernel = found["kernel"]
    *_, filters, inputs = kernel.shape
    by_input = np.sqrt(np.sum(kernel**2, axis=(0, 1, 2)))
    assert by_input.shape == (inputs,) != (filters,)
    np.testing.assert_allclose(
        found["weight_norm_default/g"], by_input, rtol=1e-6
    )
    layer = layers.WeightNormalization(
        keras.layers.Conv2DTranspose(**TRANSPOSED)
    )
    layer.build(found["x"].shape)
    assert layer.g.shape == (filters,)
