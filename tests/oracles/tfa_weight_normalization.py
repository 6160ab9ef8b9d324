"""Golden files of tensorflow-addons' WeightNormalization.

Writes tfa_dense.npz, tfa_conv2d.npz and tfa_conv2d_transpose.npz beside
itself. Everything is computed in float64 from numbers that float32 holds
exactly, and stored in float32: by more than that a float32 layer can only
differ through its own rounding.

Keys: `x`, `target`, `rate`, and `<form>_<start>/<name>` (FORMS and STARTS
below) for what the layer starts with (`v_start`, `bias_start`) and for `v`,
`g`, `bias`, `kernel` (the effective one) and `output` after each number of
steps in `<form>_<start>/steps`, stacked. A step is plain gradient descent on
the mean of (output - target)^2; 0 steps is after the first call, which has
initialized g and the bias.
"""

import pathlib

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

FOLDER = pathlib.Path(__file__).parent
RATE = 0.25

# class, arguments, input shape, kernel shape, output axis
LAYERS = {
    "dense": (tf.keras.layers.Dense, {"units": 4}, (6, 5), (5, 4), -1),
    "conv2d": (
        tf.keras.layers.Conv2D,
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
        (3, 5, 5, 2),
        (3, 3, 2, 3),
        -1,
    ),
    "conv2d_transpose": (
        tf.keras.layers.Conv2DTranspose,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
        (3, 3, 3, 4),
        (3, 3, 2, 4),
        -2,
    ),
}
# use_bias, activation
FORMS = {"bias": (True, None), "plain": (False, None), "tanh": (True, "tanh")}
# data_init, raw weights of unit length, a bias that is not zero, steps. tfa
# and the paper differ in the last two from the very start.
STARTS = {
    "norm": (False, False, True, (0, 1, 3, 10)),
    "data_unit": (True, True, False, (0, 1, 3, 10)),
    "data": (True, False, False, (0,)),
    "data_biased": (True, True, True, (0,)),
}


def exact(array):
    """The nearest numbers that float32 holds exactly."""
    return array.astype("float32").astype("float64")


def record(name, form, start, x, target, random):
    layer_class, arguments, _, kernel_shape, axis = LAYERS[name]
    use_bias, activation = FORMS[form]
    data_init, unit, biased, steps = STARTS[start]
    v = 1.5 * random.normal(size=kernel_shape)
    if unit:
        axes = tuple(i for i in range(v.ndim) if i != axis % v.ndim)
        v /= np.sqrt(np.sum(v**2, axis=axes, keepdims=True))
    found = {"steps": np.array(steps), "v_start": exact(v)}

    layer = layer_class(
        **arguments, use_bias=use_bias, activation=activation, dtype="float64"
    )
    layer.build(x.shape)
    layer.kernel.assign(found["v_start"])
    if use_bias:
        bias = 0.3 * random.normal(size=layer.bias.shape) * biased
        found["bias_start"] = exact(bias)
        layer.bias.assign(found["bias_start"])
    wrapped = tfa.layers.WeightNormalization(
        layer, data_init=data_init, dtype="float64"
    )
    wrapped(x, training=True)
    # By now tfa has put a tensor in the place of the layer's own kernel.
    weights = [wrapped.v, wrapped.g] + ([layer.bias] if use_bias else [])

    states = {"v": [], "g": [], "bias": [], "kernel": [], "output": []}
    for step in range(steps[-1] + 1):
        with tf.GradientTape() as tape:
            y = wrapped(x, training=True)
            loss = tf.reduce_mean(tf.square(y - target))
        if step in steps:
            states["v"].append(wrapped.v.numpy())
            states["g"].append(wrapped.g.numpy())
            if use_bias:
                states["bias"].append(layer.bias.numpy())
            states["kernel"].append(layer.kernel.numpy())
            states["output"].append(y.numpy())
        for weight, gradient in zip(weights, tape.gradient(loss, weights)):
            weight.assign_sub(RATE * gradient)
    found |= {key: np.stack(value) for key, value in states.items() if value}
    return {f"{form}_{start}/{key}": value for key, value in found.items()}


def initialized_in_inference(x):
    """g before and after a first call with training=False."""
    layer = tfa.layers.WeightNormalization(
        tf.keras.layers.Dense(4, kernel_initializer="ones", dtype="float64"),
        dtype="float64",
    )
    layer.build(x.shape)
    before = layer.g.numpy()
    layer(x, training=False)
    return {"inference/g": np.stack([before, layer.g.numpy()])}


def refusal(x):
    """The first line of what tfa says to a transposed layer with a bias.

    It happens with data_init where input and output channels differ.
    """
    layer = tfa.layers.WeightNormalization(
        tf.keras.layers.Conv2DTranspose(2, 3, dtype="float64"), dtype="float64"
    )
    try:
        layer(x)
    except tf.errors.InvalidArgumentError as error:
        lines = [line for line in str(error).splitlines() if "shapes" in line]
        return {"refusal": np.array(lines[0].split("}} ")[-1].split(" [Op")[0])}
    raise AssertionError("tensorflow-addons has initialized the layer")


def cases(name):
    if name == "conv2d_transpose":
        return [("bias", "norm"), ("plain", "norm"), ("plain", "data_unit")]
    return [
        (form, start)
        for form, (use_bias, _) in FORMS.items()
        for start, (_, _, biased, _) in STARTS.items()
        if use_bias or start != "data_biased"
    ]


def main():
    for number, (name, (layer_class, arguments, shape, _, _)) in enumerate(
        LAYERS.items()
    ):
        random = np.random.default_rng(number)
        # Inputs of mean zero would leave the initial bias nothing to do.
        x = exact(random.normal(size=shape) + 0.5)
        size = layer_class(**arguments).compute_output_shape(shape)
        target = exact(random.normal(size=size))
        found = {"x": x, "target": target, "rate": np.array(RATE)}
        for form, start in cases(name):
            found |= record(name, form, start, x, target, random)
        if name == "dense":
            found |= initialized_in_inference(x)
        if name == "conv2d_transpose":
            found |= refusal(x)
        np.savez_compressed(
            FOLDER / f"tfa_{name}.npz",
            **{
                key: value.astype("float32")
                if value.dtype == "float64"
                else value
                for key, value in found.items()
            },
        )


if __name__ == "__main__":
    main()
