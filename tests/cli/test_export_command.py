import dataclasses
import json
import shutil
import sys

import pytest

from kerasgan import serving, zoo

NAME = "dcgan-wn-dots"


@pytest.fixture
def exported(run, entry, here, monkeypatch):
    """A function that runs the command, and what it hands to `export`."""
    calls = []

    def export(generator, folder, name, version=None, **options):
        calls.append((generator.name, str(folder), name, version, options))
        return folder / name / "3"

    monkeypatch.setattr(serving, "export", export)

    def call(*arguments, source=NAME):
        result = run("export", source, *arguments)
        assert result.exit_code == 0, result.output
        return result.stdout, calls.pop()

    return call


def test_the_generator_and_the_options_are_passed_on(exported):
    said, call = exported("--output", "models", "--version", 3)
    assert said == f"Wrote the SavedModel models/{NAME}/3\n"
    assert call[:4] == ("generator", "models", NAME, 3)
    assert call[4]["weights"] == "float32" and not call[4]["batched"]
    _, (*_, options) = exported("--weights", "bfloat16")
    assert options["weights"] == "bfloat16"


def test_a_batched_model_has_a_name_of_its_own(exported):
    """Its signatures are others, which no version of a model may change."""
    _, (_, _, name, _, options) = exported("--batched")
    assert name == f"{NAME}-batched" and options["batched"]


def test_a_run_has_the_name_of_its_directory(exported, entry, here):
    """The recipe's name is that of all runs; `kerasgan serve` agrees."""
    from kerasgan.serving.server import model_sources

    for folder, name in (("runs/a", "a"), ("runs/a/best", "a-best")):
        shutil.copytree(entry, here / folder)
        _, call = exported(source=folder)
        assert call[2] == name
        (served,) = model_sources.find([folder])
        assert served.name == name


def test_card_image_and_licence_go_along(exported, entry):
    _, (*_, options) = exported()
    licences = "non-commercial research only"
    assert list(options["documents"]) == ["made_of.txt", "LICENSE"]
    weights, data = options["documents"]["LICENSE"].splitlines()
    assert weights.startswith("Weights: ") and licences in weights
    assert data == f"Training data: {licences}"
    (entry / "README.md").write_text("# card\n")
    (entry / "samples.png").write_bytes(b"png")
    _, (*_, options) = exported()
    assert options["documents"]["README.md"] == b"# card\n"
    assert options["documents"]["samples.png"] == b"png"


def test_the_licence_of_what_it_was_trained_from_goes_along(exported, entry):
    recipe = zoo.recipe(NAME).override("licence", "not stated")
    training = {
        "steps": 1,
        "batch_size": 1,
        "images": 1,
        "data": "x",
        "device": "x",
        "wall_time_s": 1.0,
        "steps_per_s": 1.0,
        "kerasgan": "0",
        "keras": "0",
        "backend": "x",
    }
    theirs = zoo.recipe(NAME).model_dump(mode="json")
    origin = {"name": "o", "weights": "1" * 64, "training": training}
    record = {**training, "began_from": {**origin, "recipe": theirs}}
    (entry / "recipe.yaml").write_text(recipe.to_yaml())
    (entry / "training.json").write_text(json.dumps(record))
    _, (*_, options) = exported()
    weights, _ = options["documents"]["LICENSE"].splitlines()
    assert weights.startswith(
        "Weights: not stated. Trained from the weights of o"
    )
    assert "non-commercial research only" in weights


def test_weights_of_another_format_are_refused(run, entry, here):
    result = run("export", NAME, "--weights", "int8")
    assert result.exit_code == 2 and "int8" in result.stderr
    assert list(here.iterdir()) == []


def test_files(run, entry, here, monkeypatch):
    """The file is named by the model, and what is wrong is said first."""
    calls = []

    def export_file(generator, path, format, **options):
        calls.append((path, format, options))
        return path

    monkeypatch.setattr(serving, "export_file", export_file)
    result = run("export", NAME, "--format", "onnx", "--weights", "float16")
    assert result.stdout == f"Wrote the ONNX model {NAME}.onnx\n"
    ((path, format, options),) = calls
    assert (path.name, format) == (f"{NAME}.onnx", "onnx")
    assert options["weights"] == "float16" and options["name"] == NAME
    assert options["licence"].startswith("Weights: ")
    (here / "there.onnx").touch()
    for arguments, line in (
        (("--format", "onnx", "-o", "there.onnx"), "is there already"),
        (("--format", "litert", "-o", "x.onnx"), "ends in .tflite"),
        (("--format", "onnx", "--batched"), "for SavedModels"),
        (("--format", "litert", "--weights", "bfloat16"), "savedmodel"),
        (("-o", "x.onnx"), "--format onnx"),
    ):
        result = run("export", NAME, *arguments)
        assert result.exit_code == 2 and line in result.stderr
    of_hub = dataclasses.replace(
        zoo.find(NAME), name="hf://ann/dots", shipped=False, hub=True
    )
    monkeypatch.setattr("kerasgan.zoo.catalogue.find", lambda name: of_hub)
    result = run("export", "hf://ann/dots", "--format", "litert")
    assert result.stdout == "Wrote the LiteRT model dots.tflite\n"
    assert calls.pop()[2]["name"] == "dots"
    monkeypatch.setattr(
        "kerasgan.cli.common.import_keras",
        lambda: pytest.fail("Keras was imported"),
    )
    monkeypatch.setitem(sys.modules, "onnx", None)
    result = run("export", NAME, "--format", "onnx")
    assert "needs the package onnx: pip install 'onnx" in result.stderr
