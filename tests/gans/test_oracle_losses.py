"""The losses against torch's own, values and gradients.

The golden file is made by tests/oracles/torch_losses.py.
"""

import functools
import inspect
import pathlib

import numpy as np
import pytest

from kerasgan.gans import losses, losses_relativistic

FOLDER = pathlib.Path(__file__).parents[1] / "oracles"
# A gradient far smaller than another's rounding counts as zero.
TOLERANCE = {"rtol": 1e-5, "atol": 1e-8}

every_loss = pytest.mark.parametrize(
    "name",
    [
        "minimax",
        "non_saturating",
        "non_saturating_0.1",
        "non_saturating_0.3",
        "least_squares",
        "wasserstein",
        "hinge",
        "relativistic",
        "relativistic_pairing",
    ],
)
every_case = pytest.mark.parametrize("case", ["mixed", "won", "lost"])


def function(name):
    """A loss; one of pairs leaves out the images that have no other."""
    relativistic = name.startswith("relativistic")
    loss = getattr(losses_relativistic if relativistic else losses, name)
    if "pairing" not in name:
        return loss

    @functools.wraps(loss)
    def of_pairs(*logits):
        count = min(len(x) for x in logits)
        return loss(*(x[:count] for x in logits))

    return of_pairs


@pytest.fixture(scope="module")
def golden():
    return np.load(FOLDER / "torch_losses.npz")


@every_case
@every_loss
def test_discriminator(name, case, golden, gradients):
    kind, _, smoothing = name.partition("_0.")
    loss = function(f"{kind}_discriminator")
    if smoothing:
        loss = functools.partial(loss, label_smoothing=float(f"0.{smoothing}"))
    real, fake = golden[f"{case}/real"], golden[f"{case}/fake"]
    key = f"{case}/{name}"
    np.testing.assert_allclose(
        loss(real, fake), golden[f"{key}/discriminator"], **TOLERANCE
    )
    found = gradients(loss, real.astype("float32"), fake.astype("float32"))
    for kind, slope in zip(("real", "fake"), found):
        np.testing.assert_allclose(
            slope, golden[f"{key}/by_{kind}"], **TOLERANCE
        )


@every_case
@every_loss
def test_generator(name, case, golden, gradients):
    loss = function(f"{name.partition('_0.')[0]}_generator")
    kinds = ("fake", "real")[: len(inspect.signature(loss).parameters)]
    logits = [golden[f"{case}/{kind}"].astype("float32") for kind in kinds]
    key = f"{case}/{name}"
    np.testing.assert_allclose(
        loss(*logits), golden[f"{key}/generator"], **TOLERANCE
    )
    for kind, slope in zip(kinds, gradients(loss, *logits)):
        np.testing.assert_allclose(
            slope, golden[f"{key}/generator_by_{kind}"], **TOLERANCE
        )
