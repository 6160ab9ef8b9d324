"""The benchmarks: commands that their page names, and what their results mean."""

import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
COMMAND = re.compile(r"`(?:python benchmarks/)?(\w+)\.py ([^`]*)`")


@pytest.fixture
def script(monkeypatch):
    """Imports a script of the benchmarks by its name, for one test."""
    monkeypatch.syspath_prepend(FOLDER)
    names = {path.stem for path in FOLDER.glob("*.py")}
    yield importlib.import_module
    for name in names & sys.modules.keys():
        del sys.modules[name]


def test_the_commands_of_the_page_have_these_options(script):
    commands = COMMAND.findall((FOLDER / "README.md").read_text("utf-8"))
    assert len(commands) > 20
    for name, arguments in commands:
        script(name).parser().parse_args(shlex.split(arguments))


def test_rows_of_step_cost_are_those_of_the_script(script):
    page = (FOLDER / "README.md").read_text("utf-8")
    named = re.findall(r"^\| step with [^|]*\(`([^`]+)`\)", page, re.MULTILINE)
    assert len(named) > 3
    assert {*named} <= script("step_cost").NORMALIZATIONS.keys()


def test_the_step_is_that_of_the_loop_in_pytorch(script):
    step_time = script("step_time")
    recipe = step_time.recipe_of(step_time.parser().parse_args([]))
    training, architecture = recipe.training, recipe.architecture
    assert (training.loss, training.penalties) == ("non_saturating", None)
    assert (training.augmentation, training.discriminator_steps) == (None, 1)
    assert (training.update, training.gradient_accumulation) == (
        "alternating",
        1,
    )
    assert (architecture.normalization, architecture.dropout) == ("weight", 0)


def test_an_interval_needs_six_rounds(script):
    interval = script("turns").interval
    assert interval([1.0] * 5) == "needs 6 rounds"
    # All six are on one side of the median with a chance of 2 in 64.
    assert interval([3.0, 1.0, 6.0, 2.0, 5.0, 4.0]) == "1.000 to 6.000"


def test_the_check_fails_on_a_loss_of_a_quarter_and_on_what_is_missing(script):
    compare = script("check").compare
    known = {"step": 0.8, "sample": 1.2}
    assert compare(known, {"step": 1.0, "sample": 1.5, "new": 9.0}) == []
    assert compare(known, {"step": 1.01, "sample": 1.2}) == [
        "More than 25% worse: step"
    ]
    assert compare(known, {"sample": 1.2}) == ["Not measured: step"]


def test_the_check_compares_with_what_was_written(
    script, monkeypatch, tmp_path
):
    check = script("check")
    monkeypatch.setattr(check, "BASELINE", tmp_path / "baseline.json")
    monkeypatch.setattr(
        check, "measured", lambda pytorch: [("step", 0.8), ("sample", 1.2)]
    )
    monkeypatch.setattr(sys, "argv", ["check.py", "--pytorch=p"])
    with pytest.raises(SystemExit, match="There is no baseline.json"):
        check.main()
    monkeypatch.setattr(sys, "argv", ["check.py", "--pytorch=p", "--write"])
    check.main()
    monkeypatch.setattr(sys, "argv", ["check.py", "--pytorch=p"])
    check.main()
    monkeypatch.setattr(check, "measured", lambda pytorch: [("step", 1.1)])
    with pytest.raises(SystemExit, match="worse: step\nNot measured.*: sample"):
        check.main()
