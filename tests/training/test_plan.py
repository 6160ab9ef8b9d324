"""Plans of trainings."""

import importlib.machinery
import sys
import types

import pytest

from kerasgan.training.diagnostics import Diagnostics
from kerasgan.training.plan import Plan, check
from kerasgan.training.run_directory import Run
from kerasgan.utils.locks import LOCK, FolderLock


@pytest.mark.parametrize(
    "rule, asked, steps, expected, log_every",
    [
        (None, {}, 9, None, 4),
        (None, {"best": "fid", "every": 8}, 9, ("fid", 8, None), 4),
        # That of the recipe, for which the log has lines enough.
        (("fid", 6, 7), {}, 9, ("fid", 6, 7), 2),
        (("fid", 6, 7), {"every": 8}, 9, ("fid", 8, 7), 4),
        (("fid", 6, 7), {"best": "fid", "count": 3}, 9, ("fid", 6, 3), 2),
        (
            ("fid", 6, 7),
            {"best": "fid768", "every": 4},
            9,
            ("fid768", 4, None),
            4,
        ),
        # A try that ends before the rule would measure.
        (("fid", 6, 7), {}, 5, None, 4),
    ],
)
def test_the_rule_that_chooses_networks(
    rule, asked, steps, expected, log_every, recipe, image_folder, tmp_path
):
    keys = ("name", "every", "count")
    pairs = [("steps", steps), ("batch_size", 4)]
    if rule:
        pairs.append(("training.best", dict(zip(keys, rule))))
    plan = check(
        Plan(
            recipe.override_all(pairs),
            image_folder,
            Run(tmp_path / "run"),
            log_every=4,
            diagnostics=Diagnostics(**asked),
        )
    )
    chosen = plan.diagnostics
    assert plan.log_every == log_every
    if expected is None:
        assert chosen.best is None
    else:
        assert (chosen.best, chosen.every, chosen.count) == expected
        best = plan.recipe.training.best
        assert (best.name, best.every, best.count) == expected


def test_a_second_training_in_the_same_folder(recipe, image_folder, tmp_path):
    recipe, run = recipe.override("batch_size", 4), Run(tmp_path / "run")
    with FolderLock(run.folder):
        for resume in (False, True):
            with pytest.raises(BlockingIOError, match="is in use by process"):
                check(Plan(recipe, image_folder, run, resume=resume))
    # A lock that a killed process left is none, and makes no run.
    run.folder.mkdir()
    (run.folder / LOCK).touch()
    assert check(Plan(recipe, image_folder, run)).done is None


def test_wandb_without_an_account(recipe, image_folder, tmp_path, monkeypatch):
    wandb = types.ModuleType("wandb")
    wandb.run, wandb.api = None, types.SimpleNamespace(api_key=None)
    wandb.__spec__ = importlib.machinery.ModuleSpec("wandb", None)
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    recipe, run = recipe.override("batch_size", 4), Run(tmp_path / "run")
    plan = Plan(
        recipe, image_folder, run, diagnostics=Diagnostics(track=("wandb",))
    )
    monkeypatch.delenv("WANDB_MODE", raising=False)
    with pytest.raises(ValueError, match="wandb has no account here"):
        check(plan)
    monkeypatch.setenv("WANDB_MODE", "offline")
    check(plan)
