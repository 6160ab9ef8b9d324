"""`kerasgan evaluate` writes what it measured, and how, next to the weights."""

import dataclasses
import json
import os

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from kerasgan import cli, zoo
from kerasgan.metrics import reconstruction_error

TRAINING = {
    "steps": 10,
    "batch_size": 32,
    "images": 640,
    "data": {"source": "dots", "split": "train"},
    "device": "two cores",
    "wall_time_s": 1.0,
    "steps_per_s": 10.0,
    "kerasgan": "0.1",
    "keras": "3.12",
    "backend": "tensorflow",
}


@pytest.fixture
def image_set(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), np.uint8)
    folder = tmp_path / "dots"
    (folder / "test").mkdir(parents=True)
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(folder / "test" / f"{i}.png")
    return folder, pixels


def invoke(*arguments):
    return CliRunner().invoke(cli.app, ["evaluate", *map(str, arguments)])


@pytest.mark.integration
def test_the_numbers_are_those_of_the_metric(entry, image_set):
    folder, pixels = image_set
    (entry / "training.json").write_text(json.dumps(TRAINING))
    result = invoke(entry.name, "--data", folder, "--metrics", "reconstruction")
    assert result.exit_code == 0, result.output
    written = json.loads((entry / "metrics.json").read_text())
    expected = reconstruction_error(zoo.load(entry.name), pixels, steps=50)
    (found,) = written["metrics"]
    assert found["name"] == "reconstruction_error"
    assert found["value"] == pytest.approx(expected.mean, rel=1e-5)
    errors = expected.per_image
    assert found["spread"]["standard_error"] == pytest.approx(
        errors.std() / 3**0.5, rel=1e-4
    )
    assert found["protocol"]["images"] == 3
    assert found["protocol"]["steps"] == 50
    assert written["training"] == TRAINING
    # Nothing of the folders of this machine.
    assert written["command"] == (
        f"kerasgan evaluate {entry.name} --data dots --metrics reconstruction"
    )
    assert f"{found['value']:.4g}" in zoo.card(entry.name)


@pytest.mark.integration
def test_the_final_error_is_measured_too(entry, image_set, monkeypatch):
    from kerasgan.evaluation.measures import MEASURES, reconstruction

    for key, steps in (("reconstruction", 2), ("reconstruction_final", 4)):
        row = dataclasses.replace(MEASURES[key], options={"steps": steps})
        monkeypatch.setitem(MEASURES, key, row)
        monkeypatch.setitem(reconstruction.NAMES, steps, key)
    (entry / "training.json").write_text(json.dumps(TRAINING))
    assert invoke(entry.name, "--data", image_set[0]).exit_code == 0
    metrics = zoo.read_metrics(entry.name)
    assert [item.protocol["steps"] for item in metrics.metrics] == [2, 4]


@pytest.mark.integration
def test_an_entry_is_measured_again_without_its_run(entry, image_set):
    (entry / "training.json").write_text(json.dumps(TRAINING))
    invoke(entry.name, "--data", image_set[0], "--metrics", "reconstruction")
    (entry / "training.json").unlink()
    result = invoke(
        entry.name, "--data", image_set[0], "--metrics", "reconstruction"
    )
    assert result.exit_code == 0, result.output
    assert zoo.read_metrics(entry.name).training.images == 640


def test_a_folder_that_is_read_only_is_one_line(entry, image_set, monkeypatch):
    (entry / "training.json").write_text(json.dumps(TRAINING))
    monkeypatch.setattr(os, "access", lambda path, mode: path != entry)
    words = entry.name, "--data", image_set[0], "--metrics", "reconstruction"
    result = invoke(*words)
    assert result.exit_code == 2
    assert "choose another file for the results with --output" in result.stderr


def test_what_nobody_knows_the_training_of_is_refused(entry, image_set):
    result = invoke(entry.name, "--data", image_set[0])
    assert result.exit_code == 2
    assert "training.json" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
