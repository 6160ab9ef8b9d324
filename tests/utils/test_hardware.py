import os

import pytest

from kerasgan.utils import hardware
from kerasgan.utils.hardware import device, lacks_bfloat16


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


@pytest.mark.parametrize(
    "cpuinfo, lacks",
    [
        ("flags\t\t: fpu avx2 avx512f\n", True),
        ("flags\t\t: fpu avx2 avx512f avx512_bf16\n", False),
        ("flags\t\t: fpu amx_bf16\n", False),
        ("Features\t: fp asimd\n", True),
        ("Features\t: fp asimd bf16\n", False),
        ("processor\t: 0\n", False),
        (None, False),
    ],
)
def test_it_knows_processors_without_bfloat16(
    cpuinfo, lacks, tmp_path, monkeypatch
):
    path = tmp_path / "cpuinfo"
    if cpuinfo is not None:
        path.write_text("model name\t: Some: thing\n" + cpuinfo)
    monkeypatch.setattr(hardware, "_CPUINFO", path)
    monkeypatch.setattr(hardware, "_accelerator", lambda: None)
    assert lacks_bfloat16() is lacks
    if cpuinfo is not None:
        assert device().endswith(" of Some: thing")
    monkeypatch.setattr(hardware, "_accelerator", lambda: "some GPU")
    assert not lacks_bfloat16()
    assert device() == "some GPU"
