import dataclasses
import functools
import json
import signal
from pathlib import Path

import numpy as np
import one_line
import pytest
from PIL import Image

from kerasgan import callbacks, zoo
from kerasgan.training.diagnostics import Diagnostics
from kerasgan.zoo.records import read_training

pytestmark = pytest.mark.integration
NAME = "dcgan-wn-dots"
# Before what is found late there are the lines on what is trained.
refused = functools.partial(
    one_line.refused, notes=("run: ", "images: ", "learning rate: ")
)


@pytest.fixture
def image_folder(here):
    """Eight images in `photographs`."""
    folder = here / "photographs"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (8, 12, 12, 3), np.uint8)
    for at, image in enumerate(noise):
        Image.fromarray(image).save(folder / f"{at}.png")
    return folder


@pytest.fixture
def train(run, here, image_folder):
    """A function that trains by a recipe of our own, four images a step."""
    text = zoo.recipe(NAME).override_all(
        [("batch_size", 4), ("precision", "float32")]
    )
    (here / "own.yaml").write_text(text.override("name", "own").to_yaml())

    def call(*arguments, data=image_folder):
        return run("train", "own.yaml", "--data", data, *arguments)

    return call


def steps(folder):
    lines = (folder / "log.jsonl").read_text().splitlines()
    return [json.loads(line)["step"] for line in lines]


def test_train_resume_and_draw(train, run, here):
    result = train("--steps", 3, "--output", "new/run", "--log-every", 2)
    assert result.exit_code == 0, result.output
    assert result.stdout == "Trained 3 steps into new/run\n"
    assert "3/3" in result.stderr
    folder = here / "new" / "run"
    assert steps(folder) == [2, 3]
    recipe = zoo.recipe(folder)
    assert recipe.training.steps == 3
    assert recipe.data.source == str(here / "photographs")

    refused(train("--steps", 5, "--output", "new/run"), "--resume")
    options = ("--output", "new/run", "--resume", "--log-every", 2)
    result = train("--steps", 5, *options)
    assert result.exit_code == 0, result.output
    assert result.stdout == "Trained 5 steps into new/run\n"
    assert steps(folder) == [2, 3, 4, 5]
    refused(train("--set", "features=3", *options), "another recipe")

    # A run is used as an entry is.
    result = run("sample", "new/run", "--count", 2)
    assert result.exit_code == 0, result.output
    assert (here / "samples.png").exists()
    assert "5 steps" in run("info", "new/run").stdout


def test_options_reach_the_run(train, here):
    result = train(
        "--steps",
        4,
        "--precision",
        "mixed_bfloat16",
        "--set",
        "generator_optimizer.learning_rate=1e-3",
        "--set",
        "dropout=0.25",
        "--sample-every",
        2,
        "--checkpoint-every",
        1,
        "--log-every",
        1,
    )
    assert result.exit_code == 0, result.output
    # Where nothing else is said, the run is in runs/NAME.
    folder = here / "runs" / "own"
    recipe = zoo.recipe(folder)
    assert recipe.training.precision == "mixed_bfloat16"
    assert recipe.training.generator_optimizer.learning_rate == 1e-3
    assert recipe.architecture.dropout == 0.25
    assert steps(folder) == [1, 2, 3, 4]
    names = sorted(path.name for path in (folder / "samples").iterdir())
    assert names == ["step_0000002.png", "step_0000004.png"]


def test_an_interrupt_stops_and_says_how_to_continue(train, here, monkeypatch):
    class Interrupting(callbacks.SampleGrid):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "SampleGrid", Interrupting)
        result = train("--steps", 50, "--output", "run")
    assert result.exit_code == 130
    assert result.stdout.startswith("Stopped; ")
    assert "--resume" in result.stdout and "(run)" in result.stdout
    (stopped,) = steps(here / "run")
    assert stopped < 50
    assert zoo.check_weights(here / "run", "both") is None


def test_a_training_that_diverges_ends_in_one_line(train, here):
    result = train(
        "--steps",
        20,
        "--set",
        "discriminator_optimizer={name: sgd, learning_rate: 1.0e+38}",
        "--set",
        "normalization=none",
        "--log-every",
        1,
    )
    assert result.exit_code == 1
    assert result.stdout == ""
    *_, last = result.stderr.splitlines()
    assert last.startswith("kerasgan: error: training diverged: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--set", "learning_rat=1"], "learning_rat: "),
        (["--set", "training.stepz=1"], "unknown key, did you mean steps?"),
        (["--set", "features"], "Expected --set KEY=VALUE"),
        (["--set", "=3"], "Expected --set KEY=VALUE"),
        (["--set", "features=-1"], "architecture.features"),
        (["--precision", "float8"], "training.precision"),
        (["--set", "image_size=9"], "data.image_size"),
        (
            ["--set", "image_size=9", "--set", "image_shape=[9, 9, 3]"],
            "even height and width",
        ),
        (["--set", "image_size=10"], "disagree"),
        (["--set", "batch_size=9"], "there are 8: --batch-size 8 or less"),
        (
            ["--set", "steps=2"],
            "--steps and --set both set training.steps",
        ),
        (["--crop", "0"], "data.crop: expected a number above 0"),
        (["--crop", "middle"], "data.crop: expected an integer"),
        (["--learning-rate", "0"], "discriminator_optimizer.learning_rate: "),
        (["--image-size", "9"], "even height"),
        (["--image-size", "8x8x2"], "1 or 3 channels"),
        (["--labels"], "Expected at least two classes"),
    ],
)
def test_bad_settings(train, here, arguments, message):
    refused(train("--steps", 1, "--output", "run", *arguments), message)
    assert not (here / "run").exists()


@pytest.mark.parametrize("value", ["0", "-3", "many"])
def test_bad_numbers_are_usage_errors(train, value):
    result = train("--steps", value)
    assert result.exit_code == 2
    assert "--steps" in result.stderr
    assert "Traceback" not in result.stderr


def test_bad_sources(train, here):
    refused(train("--output", "run", data="nowhere"), "nowhere")
    (here / "empty").mkdir()
    refused(train("--output", "run", data="empty"), "empty")
    (here / "file.txt").write_text("x")
    refused(train("--output", "run", data="file.txt"), "file.txt")
    assert not (here / "run").exists()


def test_bad_names(run, here):
    refused(run("train", "dcgan-wn-dot"), f"did you mean one of {NAME}, ")
    refused(run("train", "nowhere.yaml"), "nowhere.yaml")
    (here / "bad.yaml").write_text("name: [")
    refused(run("train", "bad.yaml"), "bad.yaml", "not a YAML document")
    (here / "bad.yaml").write_text("name: x\n")
    refused(run("train", "bad.yaml"), "bad.yaml", "this key is missing")


def test_a_run_directory_is_resumed_in_place(train, run, here, image_folder):
    assert train("--steps", 1, "--output", "a").exit_code == 0
    result = run("train", "a", "--resume", "--steps", 2)
    assert result.exit_code == 0, result.output
    assert result.stdout == "Trained 2 steps into a\n"
    assert not (here / "runs").exists()
    # No more steps than it has: that is said, and no Keras is loaded for it.
    for steps, asked in ((), 2), (("--steps", 1), 1):
        result = run("train", "a", "--resume", *steps)
        assert result.exit_code == 0
        assert result.stdout == (
            f"Nothing to do: the run in a has 2 steps, and {asked} are "
            "requested (--steps)\n"
        )
        assert result.stderr == ""


def test_an_entry_on_other_images(run, here, entry, image_folder):
    command = (
        "train", NAME, "-d", image_folder, "--batch-size", 4,
        "--set", "licence=CC0", "--no-flip", "--precision", "float32",
    )  # fmt: skip
    path = entry / "recipe.yaml"
    path.write_text(zoo.recipe(NAME).override("crop", 8).to_yaml())
    result = run(*command, "--steps", 1)
    assert result.exit_code == 0, result.output
    folder = "runs/dcgan-wn-photographs"
    assert result.stdout == f"Trained 1 steps into {folder}\n"
    assert result.stderr.splitlines()[:3] == [
        f"run: {folder}",
        "images: centred square (--crop 8 cuts as the recipe does), resized to "
        "8x8, not mirrored",
        "learning rate: constant, since its decay starts at step 30,000",
    ]
    recipe = zoo.recipe(folder)
    assert recipe.data.crop is None and not recipe.data.flip
    assert recipe.licence == "CC0"
    assert recipe.data.licence == recipe.data.citation == "not stated"
    assert "CelebA" not in recipe.to_yaml()
    text = run("info", folder, "--full").stdout
    assert "largest centred square, resized (area) to 8x8, not flipped" in text
    assert "8 (photographs, train, fingerprint" in text
    # The same command finds the run, also with more steps.
    result = run(*command, "--steps", 2, "--resume")
    assert result.stdout == f"Trained 2 steps into {folder}\n"
    # Both commands, without where the images lie.
    start = f"kerasgan train {NAME} -d photographs --batch-size 4 "
    first, second = read_training(Path(folder)).command.splitlines()
    assert first.startswith(start) and first.endswith("float32 --steps 1")
    assert second.startswith(start) and second.endswith(" --steps 2 --resume")
    refused(
        run(*command, "--steps", 3, "--resume", "--crop", 8),
        "data.crop is None there and 8 here",
    )


def test_images_that_changed_are_refused(train, image_folder):
    assert train("--steps", 1, "--output", "a").exit_code == 0
    (image_folder / "3.png").unlink()
    refused(
        train("--steps", 2, "--output", "a", "--resume"),
        "started on other images: 8",
        "Received: 7",
    )


def test_options_reach_the_diagnostics(train, here, monkeypatch):
    seen = []

    def stand_in(plan, progress):
        opened = plan.diagnostics.data
        unseen = None if opened is None else str(opened)
        seen.append(dataclasses.replace(plan.diagnostics, data=unseen))
        return plan.recipe.training.steps

    monkeypatch.setattr("kerasgan.training.trainer.run", stand_in)
    (here / "unseen").mkdir()
    Image.new("RGB", (8, 8)).save(here / "unseen" / "0.png")
    train(
        "--measure", "fid768, diversity", "--measure-every", 300,
        "--measure-data", "unseen", "--measure-count", 7, "--best", "fid",
        "--stop-unhealthy",
    )  # fmt: skip
    (here / "unseen" / "val").mkdir()
    (here / "unseen" / "0.png").rename(here / "unseen" / "val" / "0.png")
    train("--measure-data", "unseen", "--measure-split", "val")
    train("--measure", "none")
    train()
    given = Diagnostics(
        ("fid768", "diversity"), 300, "unseen", 7, "fid", False, True
    )
    split = Diagnostics(every=5000, data="unseen", split="val")
    none = Diagnostics((), every=5000)
    assert seen == [given, split, none, Diagnostics(every=5000)]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--measure", "fid767"], "Expected some of reconstruction, fid768"),
        (["--best", "diversity"], "Expected one of reconstruction, fid768"),
        (["--measure-every", "150"], "every=150"),
        (["--measure", "fid", "--steps", "100"], "nothing would be measured"),
        (["--measure-data", "nowhere"], "nowhere"),
        (["--measure-split", "val"], "--measure-split needs --measure-data"),
    ],
)
def test_bad_diagnostics(train, here, arguments, message):
    refused(train("--output", "run", *arguments), message)
    assert not (here / "run").exists()


def test_held_out_images_stay_held_out(train, run, here, image_folder):
    none = ("--log-every", 2, "--measure", "none", "--output", "a")
    best = ("--best", "reconstruction", "--measure-every", 2)
    refused(train("--steps", 2, *none, *best), "--hold-out 5%")
    refused(train("--steps", 2, *none, "--hold-out", 3), "such as 5% or 0.05")
    options = ("--hold-out", "40%", *none, *best)
    assert train("--steps", 2, *options).exit_code == 0
    recipe = zoo.recipe("a")
    assert recipe.data.hold_out == 0.4
    held = zoo.prepare_unseen("a")
    trained = zoo.prepare_images(recipe, None, "train")
    assert sorted(held.names + trained.names) == [f"{i}.png" for i in range(8)]
    record = json.loads((here / "a" / "pictures.json").read_text())
    assert record["fingerprint"] == trained.fingerprint
    assert record["count"] == len(trained) < 8
    error = json.loads((here / "a" / "best" / "best.json").read_text())["value"]
    assert "40% held out" in run("info", "a").stdout

    # Without --data, by the same source, and where it lies now.
    for data in ([], ["--data", image_folder]):
        result = run("evaluate", "a/best", *data, "--metrics", "reconstruction")
        assert result.exit_code == 0, result.output
        (found,) = zoo.read_metrics("a/best").metrics
        assert found.value == pytest.approx(error, rel=1e-4)
        assert found.protocol["split"] == "held-out"
        assert found.protocol["images"] == len(held)
    moved = image_folder.rename(here / "moved")
    result = run("reconstruct", "a", "--data", moved, "--steps", 1)
    assert f"mean of {len(held)} images" in result.stdout

    # One more image moves none; the run continues without it alone.
    refused(run("reconstruct", "a"), "no such folder or file")
    moved.rename(image_folder)
    refused(
        train("--steps", 3, "--output", "a", "--resume"),
        "hold_out is 0.4 there",
    )
    result = run("train", "a", "--resume", "--steps", 4, "--measure", "none")
    assert result.stdout == "Trained 4 steps into a\n"


def test_the_best_networks_are_used_as_a_run_is(train, run, here):
    (here / "unseen").mkdir()
    Image.new("RGB", (8, 8), "red").save(here / "unseen" / "0.png")
    measuring = ("--best", "reconstruction", "--measure-every", 2)
    no_others = ("--measure", "none", "--log-every", 2, "--output", "a")
    without = train("--steps", 2, *measuring, *no_others)
    refused(without, "--hold-out 5%, name some with --measure-data")
    unseen = ("--measure-data", "unseen")
    result = train("--steps", 2, *measuring, *no_others, *unseen)
    assert result.exit_code == 0, result.output
    assert (here / "a" / "report.html").exists()
    assert run("sample", "a/best", "--count", 2).exit_code == 0
    result = run(
        "evaluate", "a/best", "--data", "unseen", "--metrics", "reconstruction"
    )
    assert result.exit_code == 0, result.output
    (found,) = zoo.read_metrics("a/best").metrics
    best = json.loads((here / "a" / "best" / "best.json").read_text())
    assert found.value == pytest.approx(best["value"], rel=1e-4)
