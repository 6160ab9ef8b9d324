import os

import pytest

from kerasgan.zoo.hardware import device


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="needs sched_setaffinity"
)
def test_it_counts_the_cores_that_a_training_may_use():
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert device().startswith("1 core of ")
    finally:
        os.sched_setaffinity(0, allowed)
    if len(allowed) > 1:
        assert device().startswith(f"{len(allowed)} cores of ")
