"""First and second derivatives of every layer against differences."""

import pytest
from derivative_cases import CASES, OTHERS, OURS, WRONG, Measured

from kerasgan.gans import autodiff, derivatives


def check(name):
    with autodiff.twice_differentiable():
        measured = Measured(name)
    wrong = WRONG.get(name, ())
    for order, error in enumerate(measured.errors, 1):
        # What is known to be wrong has to be, else the docs are.
        assert (error < measured.tolerance) is (order not in wrong), error


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=[]
            if name.startswith("kerasgan")
            else pytest.mark.one_backend,
        )
        for name in OURS
    ],
)
def test_what_our_networks_hold(name):
    check(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_another_layer(name):
    check(name)


def test_what_is_not_traced_is_tested():
    tested = {name.split()[-1] for name in CASES} | {"linear"}
    tested |= {name.split()[0] for name in CASES} | {
        "Activation",
        "InputLayer",
        "Flatten",
    }
    known = {kind.__name__ for kind in derivatives.KNOWN}
    known |= derivatives.KNOWN_ACTIVATIONS - {"relu", "leaky_relu"}
    # Labels have no derivative.
    assert known - tested == {"OneHot", "Reparametrization"}
