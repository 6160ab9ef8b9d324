"""SpectralNormalization against torch's, its older and its newer one.

The golden files are made by tests/oracles/torch_parametrizations.py.
"""

import pathlib

import keras
import numpy as np
import pytest
from keras import ops

from kerasgan.layers import SpectralNormalization

FOLDER = pathlib.Path(__file__).parents[1] / "oracles"
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}

# ours, arguments, output axis of the kernel
LAYERS = {
    "linear": (keras.layers.Dense, {"units": 4}, -1),
    "conv2d": (
        keras.layers.Conv2D,
        {"filters": 3, "kernel_size": (3, 2), "strides": (1, 2)},
        -1,
    ),
    "conv_transpose2d": (
        keras.layers.Conv2DTranspose,
        {"filters": 3, "kernel_size": (3, 4), "strides": (1, 2)},
        -2,
    ),
}

every_layer = pytest.mark.parametrize("name", LAYERS)
iterations = pytest.mark.parametrize("iterations", [1, 3])


def golden(name):
    return np.load(FOLDER / f"torch_{name}.npz")


def make(name, iterations):
    """Our layer with torch's weights and u."""
    found, (kind, arguments, _) = golden(name), LAYERS[name]
    layer = SpectralNormalization(kind(**arguments), iterations)
    layer.build(found["x"].shape)
    layer.kernel.assign(found["kernel"])
    layer.layer.bias.assign(found["bias"])
    layer.u.assign(found["u"])
    return layer


def matrix(kernel, axis):
    """[out, rest]"""
    return np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)


def check(name, group, iterations, training, gradients):
    """Compare training calls, or inference after training calls."""
    found, axis = golden(name), LAYERS[name][2]
    x, weight = found["x"], found["kernel"]
    layer, calls = make(name, iterations), 0
    before, ours = [], []
    for call in found["calls"]:
        while calls < call - training:
            layer(x, training=True)
            calls += 1
        before.append(layer.u.numpy())
        with keras.StatelessScope():
            kernel = ops.convert_to_numpy(layer.compute_kernel(training))
        output = ops.convert_to_numpy(layer(x, training=training))
        calls += training
        sigma = np.sum(weight**2) / np.sum(weight * kernel)
        np.testing.assert_allclose(kernel, weight / sigma, rtol=1e-5, atol=1e-7)
        ours.append({"u": layer.u.numpy(), "sigma": sigma, "output": output})
    np.testing.assert_array_equal(layer.kernel.numpy(), weight)

    def everything(*arrays):
        # In one function, because compiling takes longer than computing.
        total = 0.0
        for u, w, x, again in zip(before, *[iter(arrays)] * 3, strict=True):
            with keras.StatelessScope([(layer.u, u), (layer.kernel, w)]):
                y = layer(x, training=training)
            with keras.StatelessScope([(layer.u, u), (layer.kernel, again)]):
                kernel = layer.compute_kernel(training)
            total += ops.mean(ops.square(y - found["target"]))
            total += ops.sum(ops.square(kernel))
        return total

    found_gradients = gradients(everything, *[weight, x, weight] * len(ours))
    for at, (one, by_kernel, by_input, of_squares) in enumerate(
        zip(ours, *[iter(found_gradients)] * 3, strict=True)
    ):
        # kernel = W / sigma, so that the last one is 2 W / sigma^2 -
        # 2 ||W||^2 / sigma^3 u v^T: here is the v that the gradient knows.
        sigma = one["sigma"]
        product = weight / sigma**2 - of_squares / 2
        product *= sigma**3 / np.sum(weight**2)
        one |= {
            "v": one["u"] @ matrix(product, axis),
            "by_kernel": by_kernel,
            "by_input": by_input,
        }
        for key, value in one.items():
            expected = found[f"{group}_{iterations}/{key}"][at]
            assert np.abs(expected).max() > 0.01
            np.testing.assert_allclose(
                value, expected, **TOLERANCE, err_msg=f"{key}, number {at}"
            )


@every_layer
@iterations
def test_training_calls_are_those_of_the_hook(name, iterations, gradients):
    """torch.nn.utils.spectral_norm: v from u, then u from v, as in the paper."""
    check(name, "hook", iterations, True, gradients)


@pytest.mark.integration
@every_layer
@iterations
def test_inference_is_what_the_parametrization_does(
    name, iterations, gradients
):
    """torch.nn.utils.parametrizations.spectral_norm ends with v from u.

    So does our inference, after as many training calls.
    """
    check(name, "parametrization", iterations, False, gradients)


@every_layer
@iterations
def test_descent(name, iterations):
    """Training in which the raw weight moves between the calls."""
    found = golden(name)
    x, group = found["x"], f"descent_{iterations}"
    layer = make(name, iterations)
    model = keras.Sequential([keras.Input(x.shape[1:]), layer])
    model.compile(keras.optimizers.SGD(float(found["rate"])), "mse")
    losses = []
    for at, call in enumerate(found["calls"]):
        while len(losses) < call:
            # Keras 3.14 reports the mean of all calls so far.
            model.reset_metrics()
            losses.append(model.train_on_batch(x, found["target"]))
        output = found[f"{group}/output"][at]
        np.testing.assert_allclose(
            losses[-1], np.mean((output - found["target"]) ** 2), rtol=1e-5
        )
        ours = {"u": layer.u, "kernel": layer.kernel, "bias": layer.layer.bias}
        for key, value in ours.items():
            np.testing.assert_allclose(
                value.numpy(),
                found[f"{group}/{key}"][at],
                **TOLERANCE,
                err_msg=f"{key} after call {call}",
            )
    assert np.abs(layer.kernel.numpy() - found["kernel"]).max() > 0.1
