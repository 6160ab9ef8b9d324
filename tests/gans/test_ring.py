"""Every loss on a ring of eight Gaussians, as `research/ring.py` trains it."""

import pathlib
import subprocess
import sys

import pytest

from kerasgan.gans import LOSSES

pytestmark = pytest.mark.one_backend

SCRIPT = pathlib.Path(__file__).parents[2] / "research" / "ring.py"


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_covers_the_ring(loss):
    command = [sys.executable, SCRIPT, "--only", loss, "--seeds", "0,1"]
    lines = subprocess.check_output(command, text=True).splitlines()[-2:]
    for line in lines:
        name, _, modes, good, *_ = line.strip("| ").split(" | ")
        assert name == loss
        assert int(modes) >= 7 and int(good.rstrip("%")) >= 50
