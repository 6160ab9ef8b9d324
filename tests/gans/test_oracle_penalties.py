"""The penalties against torch's.

The golden file is made by tests/oracles/torch_penalties.py.
"""

import pathlib

import keras
import numpy as np
import pytest

from kerasgan.gans import penalties

GOLDEN = np.load(
    pathlib.Path(__file__).parents[1] / "oracles" / "torch_penalties.npz"
)


def critic():
    """The critic that the oracle describes, with its weights."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input(GOLDEN["real"].shape[1:]),
            layers.Conv2D(3, (3, 2), activation="tanh"),
            layers.Conv2DTranspose(2, (2, 3), (2, 1), activation="softplus"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.set_weights([GOLDEN[f"weights/{i}"] for i in range(6)])
    return model


@pytest.mark.parametrize(
    "name, penalty, drawn",
    [
        ("gradient_penalty", penalties.GradientPenalty(), "alpha"),
        ("r1", penalties.R1(), None),
        ("r2", penalties.R2(), None),
        ("dragan", penalties.DRAGAN(), ("alpha", "noise")),
        ("orthonormal", penalties.Orthonormal(), None),
    ],
)
def test_value_and_gradients(name, penalty, drawn, gradients):
    model = critic()
    if isinstance(drawn, tuple):
        drawn = tuple(GOLDEN[key] for key in drawn)
    elif drawn is not None:
        drawn = GOLDEN[drawn]

    def compute(*weights):
        with keras.StatelessScope(
            list(zip(model.trainable_variables, weights))
        ):
            return penalty.compute(
                model,
                lambda x: model(x, training=True),
                GOLDEN["real"],
                GOLDEN["fake"],
                drawn,
            )

    close = {"rtol": 1e-5, "atol": 1e-5}
    weights = [keras.ops.convert_to_tensor(w) for w in model.get_weights()]
    np.testing.assert_allclose(
        compute(*weights), GOLDEN[f"{name}/value"], **close
    )
    for i, gradient in enumerate(gradients(compute, *model.get_weights())):
        expected = GOLDEN[f"{name}/{i}"]
        np.testing.assert_allclose(gradient, expected, **close, err_msg=str(i))
    # Of everything but the last bias, of which no slope depends; of kernels
    # alone where no slope does.
    moved = [np.abs(GOLDEN[f"{name}/{i}"]).max() > 0.01 for i in range(6)]
    biases = name != "orthonormal"
    assert moved == [True, biases, True, biases, True, False]
