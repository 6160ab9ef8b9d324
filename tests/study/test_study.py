"""Studies: their plan, and what becomes of cells that fail or are killed."""

import json
import os
import signal
import statistics
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from kerasgan.cli import app, study as study_command
from kerasgan.study import scheduler
from kerasgan.study.cells import base_recipe, choose, plan_cells
from kerasgan.study.results import read_result, seconds_left
from kerasgan.study.specification import load_study

CONTENT = {
    "title": "Latents & seeds",
    "question": "How many?",
    "recipe": "own.yaml",
    "settings": {"features": 4, "batch_size": 2},
    "grid": {
        "latent_dim": [4, 5],
        "method": {
            "SN": {"normalization": "spectral"},
            "GP": {
                "normalization": "none",
                "penalties": ["gradient_penalty"],
                "preset": "sngan-a",
            },
        },
    },
    "seeds": [0, 2],
    "budget": {"images": 240},
    "measure": ["diversity"],
    "measurements": 2,
    "scales": {"wide": {"settings": {"features": 8}, "seeds": [0]}},
}


@pytest.fixture
def study_file(tmp_path, recipe):
    """A function that writes the file of a study, with changes."""
    (tmp_path / "own.yaml").write_text(recipe.to_yaml())

    def write(**changes):
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump({**CONTENT, **changes}, sort_keys=False))
        return path

    return write


def plan(path, scale=None):
    study = load_study(path, scale)
    cells = plan_cells(study, base_recipe(study, path), path.parent / "out")
    return study, cells


def test_cells_have_the_settings_of_their_labels_and_equal_budgets(study_file):
    study, cells = plan(study_file())
    names = ["4-SN", "4-GP", "5-SN", "5-GP"]
    assert [cell.name for cell in cells] == [
        f"{name}-seed{seed}" for seed in (0, 2) for name in names
    ]
    spectral, penalty = cells[0].recipe, cells[1].recipe
    assert spectral.architecture.normalization == "spectral"
    assert spectral.architecture.features == 4
    assert spectral.training.penalties is None
    assert penalty.architecture.normalization == "none"
    assert penalty.training.penalties[0].name == "gradient_penalty"
    assert penalty.training.discriminator_optimizer.beta_1 == 0.5
    # 240 images: by two a step, or by two in each of five updates.
    assert [cell.steps for cell in cells[:2]] == [120, 24]
    assert {cell.images for cell in cells} == {240}
    every = cells[1].arguments.index("--measure-every")
    assert cells[1].arguments[every + 1] == "12"
    _, cells = plan(study_file(measure_split="test"))
    where = cells[0].arguments.index("--measure-data")
    assert cells[0].arguments[where + 1] == cells[0].recipe.data.source
    assert [c.name for c in choose(cells, study, ["method=S*", "seed=2"])] == [
        "4-SN-seed2",
        "5-SN-seed2",
    ]
    _, wide = plan(study_file(), "wide")
    assert len(wide) == 4 and wide[0].recipe.architecture.features == 8
    assert wide[0].recipe.training.batch_size == 2


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"budget": 60}, "budget: expected a mapping of some of steps, images"),
        ({"budgets": 1}, "budgets: unknown key, did you mean budget?"),
        (
            {"grid": {"latent_dims": [1]}},
            "cell 1-seed0: .*latent_dims.*did you mean latent_dim?",
        ),
        ({"grid": {"loss": ["love"]}}, "cell love-seed0: training.loss: must"),
        ({"grid": {"latent_dim": []}}, "grid.latent_dim: expected a list"),
        ({"grid": {"a": {"b": 3}}}, "grid.a: expected a mapping"),
        ({"grid": {"latent_dim": [4, "4"]}}, "expected different values"),
        ({"settings": {"training.seed": 1}}, "a study sets it with seeds"),
        ({"budget": {"steps": 3, "images": 3}}, "one of steps and images"),
        ({"budget": {"steps": 3}}, "a multiple of measurements"),
        ({"groups": "loss"}, "groups: expected one of latent_dim, method"),
        ({"measure": ["beauty"]}, "measure.0: "),
        ({"scales": {"wide": {"seed": [1]}}}, "scales.wide: seed: unknown"),
        ({"only": {"method": ["XY"]}}, "some of SN; GP for method"),
        ({"only": {"rate": ["1"]}}, "one of latent_dim, method, seed"),
    ],
)
def test_a_wrong_file_is_rejected_in_one_line(study_file, changes, expected):
    path = study_file(**changes)
    with pytest.raises(ValueError, match=expected) as caught:
        study, cells = plan(path)
        choose(cells, study)
    assert "\n" not in str(caught.value)


@pytest.fixture
def run(tmp_path, monkeypatch, study_file):
    """A function that runs a study whose cells are not really trained."""
    trainer = (sys.executable, str(Path(__file__).with_name("trainer.py")))
    monkeypatch.setattr(scheduler, "_KERASGAN", trainer)
    monkeypatch.setattr(scheduler, "_POLL_SECONDS", 0.02)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images").mkdir()
    for at in range(12):
        pixels = np.full((8, 8, 3), 20 * at, np.uint8)
        Image.fromarray(pixels).save(tmp_path / "images" / f"{at}.png")

    def call(latents, *options):
        study_file(
            grid={"latent_dim": latents},
            budget={"steps": 4},
            data="images",
            scales={},
        )
        arguments = ["study", "study.yaml", "-o", "out", *options]
        return CliRunner().invoke(app, arguments)

    return call


@pytest.mark.integration
def test_failed_cells_end_no_study_and_are_shown(run):
    result = run([4, 7, 8], "--jobs", "3")
    # A cell that crashed is an error, a diverged one is a result.
    assert result.exit_code == 1, result.output
    content = json.loads(Path("out/study.json").read_text())
    states = {c["name"]: (c["state"], c["reason"]) for c in content["cells"]}
    assert states["4-seed0"] == ("complete", None)
    diverged = "training diverged: generator_loss not finite"
    assert states["7-seed2"] == ("diverged", diverged)
    assert states["8-seed0"] == ("crashed", "killed by SIGKILL")
    first = Path("out/runs/4-seed0/log.jsonl").read_text()

    result = run([4, 7, 8])
    assert result.exit_code == 0, result.output
    # Those that crashed are resumed; what is complete or diverged stays.
    assert result.stdout.count("resumed at step 1") == 2
    assert result.stdout.count("already there") == 4
    assert Path("out/runs/4-seed0/log.jsonl").read_text() == first
    content = json.loads(Path("out/study.json").read_text())
    numbers = content["groups"][0]["numbers"]["sample_diversity"]
    assert numbers == {"mean": 5, "std": statistics.stdev([4, 6]), "seeds": 2}
    assert content["groups"][1]["numbers"] == {}
    assert content["groups"][1]["failed"] == 2
    table = Path("out/study.md").read_text()
    assert "| 4 | 4 | 2 of 2 |  | 5 ± 1.4 |" in table
    assert (
        "| 7 | 4 | 0 of 2 | diverged at step 2; diverged at step 2 |" in table
    )
    page = Path("out/study.html").read_text()
    assert "Latents &amp; seeds" in page and diverged in page
    assert "data:image/png;base64," in page
    result = run([4, 7, 8], "--status")
    assert "6 cells; time left, one after another: 0 s" in result.stdout
    assert len(list(Path("out").glob(".*"))) == 0


@pytest.mark.integration
def test_sigterm_stops_and_the_same_command_continues(run):
    def stop():
        ready = Path("out/runs/9-seed0/ready")
        while not ready.exists():
            pause.wait(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    pause = threading.Event()
    thread = threading.Thread(target=stop)
    thread.start()
    before = signal.getsignal(signal.SIGTERM)
    result = run([9])
    thread.join()
    assert result.exit_code == 130 and "Stopped; continue" in result.stdout
    assert signal.getsignal(signal.SIGTERM) == before
    assert not Path("out/failures").exists()
    assert "9-seed0: stopped at step 3" in result.stdout
    result = run([9], "--only", "seed=0")
    assert result.exit_code == 0, result.output
    assert "9-seed0: complete" in result.stdout


@pytest.mark.integration
def test_a_cell_of_another_process_is_waited_for(run, study_file, monkeypatch):
    run([4], "--dry-run")
    assert not Path("out").exists()
    _, (cell, *_) = plan(Path("study.yaml").resolve())
    # What was killed before it had a recipe.
    Path("out/runs/4-seed2").mkdir(parents=True)
    Path("out/runs/4-seed2/.recipe.yaml.part").touch()
    lock = scheduler._lock(cell)
    assert scheduler.is_training(cell) and scheduler._lock(cell) is None
    say = study_command._say

    def say_and_release(text):
        say(text)
        if text.startswith("waiting"):
            os.close(lock)

    monkeypatch.setattr(study_command, "_say", say_and_release)
    result = run([4], "--jobs", "2")
    assert result.exit_code == 0, result.output
    lines = [line.split(" ", 2)[2] for line in result.stdout.splitlines()[:-1]]
    assert lines[0] == "4-seed2: started, 4 steps"
    assert "waiting for cells that another process trains: 4-seed0" in lines
    assert not scheduler.is_training(cell)
    assert not Path("out/runs/4-seed2/.recipe.yaml.part").exists()


def test_the_time_left_is_that_of_the_images_left(study_file):
    _, cells = plan(study_file())
    cells[0].run.mkdir(parents=True)
    line = {"step": 60, "seconds": 30.0}
    (cells[0].run / "log.jsonl").write_text(json.dumps(line) + "\n")
    left = seconds_left([read_result(cell, ["diversity"]) for cell in cells])
    # 120 images took 30 seconds.
    assert left[cells[0].name] == 30 and left[cells[1].name] == 60
