"""WeightNormalization against that of tensorflow-addons 0.23.0.

The golden files are made by tests/oracles/tfa_weight_normalization.py.
"""

import pathlib

import keras
import numpy as np
import pytest
from keras import ops

from kerasgan.layers import WeightNormalization

FOLDER = pathlib.Path(__file__).parents[1] / "oracles"
TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}

LAYERS = {
    "dense": (keras.layers.Dense, {"units": 4}),
    "conv2d": (
        keras.layers.Conv2D,
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
    ),
    "conv2d_transpose": (
        keras.layers.Conv2DTranspose,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
    ),
}
FORMS = {"bias": (True, None), "plain": (False, None), "tanh": (True, "tanh")}

both_layers = pytest.mark.parametrize("name", ["dense", "conv2d"])


def golden(name):
    return np.load(FOLDER / f"tfa_{name}.npz")


def make(name, form, start):
    """Our layer, not built, with the golden raw weight and bias."""
    found, case = golden(name), f"{form}_{start}"
    kind, arguments = LAYERS[name]
    use_bias, activation = FORMS[form]
    initial = {"kernel_initializer": found[f"{case}/v_start"]}
    if use_bias:
        initial["bias_initializer"] = found[f"{case}/bias_start"]
    layer = kind(
        **arguments,
        use_bias=use_bias,
        activation=activation,
        **{k: keras.initializers.Constant(v) for k, v in initial.items()},
    )
    return WeightNormalization(layer, data_init=start != "norm")


def state(layer, x):
    """The names of the golden files, of our layer."""
    plain = layer.remove()
    found = {
        "v": layer.kernel,
        "g": layer.effective_g,
        "kernel": plain.kernel,
        "output": layer(x, training=False),
    }
    if plain.use_bias:
        found["bias"] = layer.effective_bias
        np.testing.assert_array_equal(plain.bias.numpy(), found["bias"])
    return {key: ops.convert_to_numpy(value) for key, value in found.items()}


def moments(y):
    axes = tuple(range(y.ndim - 1))
    return y.mean(axes), y.std(axes)


def lengths(v):
    return np.sqrt(np.sum(v**2, axis=tuple(range(v.ndim - 1))))


@both_layers
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("start", ["norm", "data_unit"])
def test_first_call_and_training(name, form, start):
    """Where raw weights of unit length hide what tfa leaves out."""
    found, case = golden(name), f"{form}_{start}"
    x, target = found["x"], found["target"]

    def check(layer, at, **more):
        ours = {**state(layer, x), **more}
        assert set(ours) == names
        for key, value in ours.items():
            np.testing.assert_allclose(
                value, found[f"{case}/{key}"][at], **TOLERANCE, err_msg=key
            )

    names = {key.split("/")[1] for key in found if key.startswith(case)}
    names -= {"steps", "v_start", "bias_start"}
    layer = make(name, form, start)
    check(layer, 0, output=np.asarray(layer(x, training=True)))

    # A layer that initializes itself within its first training step.
    model = keras.Sequential(
        [keras.Input(x.shape[1:]), make(name, form, start)]
    )
    # Also by XLA, of which one is enough.
    model.compile(
        keras.optimizers.SGD(float(found["rate"])),
        "mse",
        jit_compile=(name, form) == ("dense", "bias"),
    )
    losses, steps = [], found[f"{case}/steps"]
    for at, count in enumerate(np.diff(steps), start=1):
        for _ in range(count):
            # Keras 3.14 reports the mean of all calls so far.
            model.reset_metrics()
            losses.append(model.train_on_batch(x, target))
        check(model.layers[0], at)
    # Reported is the loss before the step, that of the state before.
    expected = np.square(found[f"{case}/output"] - target)
    expected = expected.reshape(len(steps), -1).mean(1)
    np.testing.assert_allclose(
        [losses[i] for i in steps[:-1]], expected[:-1], rtol=1e-5
    )
    for key in names:
        moved = found[f"{case}/{key}"]
        assert np.abs(moved[-1] - moved[0]).max() > 0.01


@both_layers
@pytest.mark.parametrize("form", FORMS)
def test_tfa_leaves_the_length_of_the_raw_weight(name, form):
    """It standardizes v . x, and then normalizes v.

    So its pre-activations have the standard deviation 1 / ||v||, and with a
    bias the mean (1 - 1 / ||v||) bias, where the paper wants 1 and 0.
    """
    found, case = golden(name), f"{form}_data"
    x, v = found["x"], found[f"{case}/v_start"]
    theirs = {
        key: found[f"{case}/{key}"][0]
        for key in ("g", "bias", "output")
        if f"{case}/{key}" in found
    }
    assert (lengths(v) > 1.5).all()
    layer = make(name, form, "data")
    output = np.asarray(layer(x, training=True))
    np.testing.assert_allclose(
        layer.effective_g, theirs["g"] * lengths(v), **TOLERANCE
    )
    if form == "plain":
        np.testing.assert_allclose(
            output, theirs["output"] * lengths(v), **TOLERANCE
        )
        return
    np.testing.assert_allclose(
        layer.effective_bias, theirs["bias"], **TOLERANCE
    )
    if form == "tanh":
        output, theirs["output"] = np.arctanh([output, theirs["output"]])
    mean, deviation = moments(theirs["output"])
    np.testing.assert_allclose(deviation, 1 / lengths(v), rtol=1e-4)
    np.testing.assert_allclose(
        mean, (1 - 1 / lengths(v)) * theirs["bias"], rtol=0, atol=1e-4
    )
    mean, deviation = moments(output)
    np.testing.assert_allclose(deviation, 1, rtol=1e-4)
    np.testing.assert_allclose(mean, 0, atol=1e-4)


@both_layers
def test_tfa_counts_the_initial_bias_twice(name):
    """Its means include the bias that the layer was built with.

    The new bias takes that one's place, so that minus its scaled value is left
    of the mean, even where the raw weight has unit length.
    """
    found = golden(name)
    x, bias = found["x"], found["bias_data_biased/bias_start"]
    theirs = {
        key: found[f"bias_data_biased/{key}"][0]
        for key in ("g", "bias", "output")
    }
    layer = make(name, "bias", "data_biased")
    output = np.asarray(layer(x, training=True))
    np.testing.assert_allclose(layer.effective_g, theirs["g"], **TOLERANCE)
    left = -bias * theirs["g"]
    assert np.abs(left).max() > 0.1
    np.testing.assert_allclose(
        layer.effective_bias, theirs["bias"] - left, **TOLERANCE
    )
    np.testing.assert_allclose(moments(theirs["output"])[0], left, atol=1e-5)
    np.testing.assert_allclose(moments(output)[0], 0, atol=1e-5)


def test_tfa_initializes_in_inference():
    """Ours waits for the first training call."""
    before, after = golden("dense")["inference/g"]
    assert (before == 1).all() and (np.abs(after - 1) > 0.1).all()
    x = golden("dense")["x"]
    layer = WeightNormalization(
        keras.layers.Dense(4, kernel_initializer="ones")
    )
    layer(x, training=False)
    assert not layer.initialized.numpy()
    np.testing.assert_allclose(layer.effective_g, np.sqrt(5), rtol=1e-6)
    layer(x, training=True)
    assert layer.initialized.numpy()
    # Of v . x, tfa; of v . x / ||v||, ours.
    np.testing.assert_allclose(layer.effective_g, after * np.sqrt(5), rtol=1e-5)


@pytest.mark.parametrize("form", ["bias", "plain"])
def test_tfa_normalizes_transposed_kernels_by_input_channel(form):
    """Kernels [kh, kw, out, in], of which it takes the last axis for out."""
    found, case = golden("conv2d_transpose"), f"{form}_norm"
    x, target = found["x"], found["target"]
    inputs, filters = 4, 2
    theirs = found[f"{case}/g"]
    assert theirs.shape == (4, inputs)
    for g, kernel in zip(theirs, found[f"{case}/kernel"]):
        np.testing.assert_allclose(lengths(kernel), np.abs(g), rtol=1e-5)

    model = keras.Sequential(
        [keras.Input(x.shape[1:]), make("conv2d_transpose", form, "norm")]
    )
    layer = model.layers[0]
    assert layer.g.shape == (filters,)
    # Both start as the plain layer.
    np.testing.assert_allclose(
        layer(x, training=True), found[f"{case}/output"][0], **TOLERANCE
    )
    model.compile(keras.optimizers.SGD(float(found["rate"])), "mse")
    for _ in range(10):
        model.train_on_batch(x, target)
    ours = state(layer, x)
    by_output = np.moveaxis(ours["kernel"], -2, -1)
    np.testing.assert_allclose(lengths(by_output), layer.effective_g, rtol=1e-5)
    assert np.abs(ours["output"] - found[f"{case}/output"][-1]).max() > 0.1


def test_tfa_data_init_of_transposed_kernels():
    """Scales of the outputs on inputs, repeated, or no initialization."""
    found = golden("conv2d_transpose")
    g = found["plain_data_unit/g"][0]
    np.testing.assert_array_equal(g[:2], g[2:])
    _, theirs = moments(found["plain_data_unit/output"][0])
    assert (np.abs(theirs - 1) > 0.3).all()
    layer = make("conv2d_transpose", "plain", "data_unit")
    _, ours = moments(np.asarray(layer(found["x"], training=True)))
    np.testing.assert_allclose(ours, 1, rtol=1e-5)

    assert str(found["refusal"]) == "Incompatible shapes: [2] vs. [4]"
    layer = WeightNormalization(keras.layers.Conv2DTranspose(2, 3))
    mean, deviation = moments(np.asarray(layer(found["x"], training=True)))
    np.testing.assert_allclose(deviation, 1, rtol=1e-5)
    np.testing.assert_allclose(mean, 0, atol=1e-5)
