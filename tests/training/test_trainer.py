"""Run folders, and above all: a resumed training is exactly the one it was."""

import importlib
import json
import shutil
import signal
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

from kerasgan import callbacks, zoo
from kerasgan.training.trainer import build_gan, train
from kerasgan.utils.files import sha256
from kerasgan.zoo import Recipe

pytestmark = pytest.mark.integration
STEPS = 12
# Every file that a whole training leaves.
FILES = {
    "SHA256SUMS",
    "checkpoint.sha256",
    "checkpoint.weights.h5",
    "discriminator.weights.h5",
    "generator.weights.h5",
    "log.jsonl",
    "pictures.json",
    "recipe.yaml",
    "report.html",
    "report.png",
    "samples",
    "training.json",
}
ADAM = {"name": "adam", "learning_rate": 1e-3, "beta_1": 0.5}
RMSPROP = {"name": "rmsprop", "learning_rate": 1e-3}
# What a checkpoint has to hold differs: slots, statistics, seeds.
VARIANTS = {
    "batch": {
        "normalization": "batch",
        "dropout": 0.3,
        "generator_optimizer": ADAM,
        "discriminator_optimizer": RMSPROP,
    },
    "weight": {
        "normalization": "weight",
        "generator_optimizer": RMSPROP,
        "discriminator_optimizer": ADAM,
        "discriminator_steps": 2,
        "batch_size": 3,
        "precision": "mixed_bfloat16",
    },
    "classes": {
        "data.classes": ["sea", "sky"],
        "normalization": "spectral",
        "generator_normalization": "batch",
        "loss": "hinge",
        "update": "simultaneous",
        "generator_optimizer": ADAM,
        "discriminator_optimizer": ADAM,
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds the images, the cache and the runs of this module."""
    folder = tmp_path_factory.mktemp("train")
    classes = [folder / "images" / name for name in ("sea", "sky")]
    for one in classes:
        one.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(24):
        # Smooth colours, so that the losses move.
        corners = rng.integers(0, 256, (2, 2, 3), np.uint8)
        image = Image.fromarray(corners).resize((20, 18), Image.BILINEAR)
        image.save(classes[i % 2] / f"{i:02d}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERASGAN_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(autouse=True)
def cache(folder, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(folder / "cache"))


@pytest.fixture
def make_recipe(recipe):
    def make(variant="batch", **changes):
        values = {
            "architecture.image_shape": [16, 16, 3],
            "data.image_size": 16,
            "features": 4,
            "batch_size": 6,
            "steps": STEPS,
            **VARIANTS[variant],
            **changes,
        }
        return recipe.override_all(values.items())

    return make


@pytest.fixture
def run(folder):
    """Trains with small intervals."""

    def call(recipe, output, **options):
        return train(
            recipe,
            folder / "images",
            output,
            log_every=5,
            sample_every=5,
            checkpoint_every=10,
            **options,
        )

    return call


@pytest.fixture
def whole_run(folder, make_recipe, run):
    """A function: the run of a variant that was never stopped, made once."""

    def get(variant):
        output = folder / f"whole-{variant}"
        if not output.exists():
            assert run(make_recipe(variant), output)
        return output

    return get


def contents(path):
    """Every array of an HDF5 file."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def assert_same_arrays(a, b):
    a, b = contents(a), contents(b)
    assert sorted(a) == sorted(b)
    for name, value in a.items():
        np.testing.assert_array_equal(b[name], value, err_msg=name)


def assert_same_training(a, b):
    for name in sorted(FILES):
        if name.endswith(".h5"):
            assert_same_arrays(a / name, b / name)
    last = f"step_{STEPS:07d}.png"
    assert (a / "samples" / last).read_bytes() == (
        b / "samples" / last
    ).read_bytes()
    assert (a / "recipe.yaml").read_text() == (b / "recipe.yaml").read_text()


def log(output):
    """The lines without what measures time."""
    times = ("seconds", "steps_per_second")
    return [
        {k: v for k, v in line.items() if k not in times}
        for line in callbacks.read_log(output / "log.jsonl")
    ]


def snapshot(output):
    """Every file's bytes."""
    return {
        path.relative_to(output): path.read_bytes()
        for path in output.rglob("*")
        if path.is_file()
    }


def test_what_a_run_holds(whole_run, make_recipe):
    output = whole_run("batch")
    assert {path.name for path in output.iterdir()} == FILES
    assert Recipe.load(output / "recipe.yaml") == make_recipe()
    assert [line["step"] for line in log(output)] == [5, 10, 12]
    names = sorted(path.name for path in (output / "samples").iterdir())
    assert names == [f"step_{i:07d}.png" for i in (5, 10, 12)]
    with Image.open(output / "samples" / names[0]) as image:
        # 8x8 images of 16 pixels, with margins of 2.
        assert image.size == (146, 146)
    sums = (output / "SHA256SUMS").read_text().splitlines()
    assert sorted(line.split("  ")[1] for line in sums) == [
        "discriminator.weights.h5",
        "generator.weights.h5",
    ]
    for line in sums:
        digest, name = line.split("  ")
        assert sha256(output / name) == digest
    record = json.loads((output / "training.json").read_text())
    assert (record["steps"], record["images"]) == (STEPS, 24)
    assert record["batch_size"] == 6
    assert (record["data"]["source"], record["data"]["split"]) == (
        "images",
        "train",
    )
    assert 0 < record["wall_time_s"] < 600


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_resumed_training_is_the_one_that_was_not_stopped(
    variant, whole_run, make_recipe, run, tmp_path
):
    output = tmp_path / "run"
    assert run(make_recipe(variant, steps=5), output)
    half = contents(output / "checkpoint.weights.h5")
    assert int(half["vars/steps"]) == 5
    assert run(make_recipe(variant), output, resume=True)
    assert_same_training(output, whole_run(variant))
    assert log(output) == log(whole_run(variant))
    grids = [
        {p.name: p.read_bytes() for p in (folder / "samples").iterdir()}
        for folder in (output, whole_run(variant))
    ]
    assert grids[0] == grids[1]
    # It was continued: nothing that is trained or drawn stayed as it was.
    end = contents(output / "checkpoint.weights.h5")
    same = [n for n in half if (half[n] == end[n]).all()]
    # A unit vector of one number, of the kernel of the logit, cannot move.
    same = [n for n in same if half[n].tolist() not in ([1.0], [-1.0])]
    assert [n for n in same if "seed" in n or "layers" in n] == []
    record = json.loads((output / "training.json").read_text())
    assert record["steps"] == STEPS


def test_a_training_that_was_interrupted_resumes_exactly(
    whole_run, make_recipe, run, tmp_path, monkeypatch
):
    """By Ctrl-C, in the middle of an interval of the log."""

    class Interrupting(callbacks.SampleGrid):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            if self.batches == 7:
                signal.raise_signal(signal.SIGINT)

    output = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "SampleGrid", Interrupting)
        assert not run(make_recipe(), output)
    stopped = int(contents(output / "checkpoint.weights.h5")["vars/steps"])
    assert 7 <= stopped < 10
    record = json.loads((output / "training.json").read_text())
    assert record["steps"] == stopped
    # It can be drawn from, and its weights are checked.
    zoo.check_weights(output, "both")

    assert run(make_recipe(), output, resume=True)
    assert_same_training(output, whole_run("batch"))
    whole, found = log(whole_run("batch")), log(output)
    assert [line["step"] for line in found] == [5, stopped, 10, 12]
    assert (found[0], found[3]) == (whole[0], whole[2])
    # The interval has two lines, each the mean of its own steps.
    for name, value in whole[1].items():
        if name != "step":
            parts = (stopped - 5) * found[1][name]
            parts += (10 - stopped) * found[2][name]
            assert parts / 5 == pytest.approx(value, rel=1e-4, abs=1e-5)


def test_a_training_that_was_killed_resumes_from_its_checkpoint(
    whole_run, make_recipe, run, folder, tmp_path
):
    """What was logged and drawn behind it is done, and written, again."""
    output = tmp_path / "run"
    assert run(make_recipe(steps=5), output)
    (output / "training.json").unlink()
    with open(output / "log.jsonl", "a") as file:
        file.write('{"step": 7, "seconds": 9.0, "generator_loss": 7.0}\n{"st')
    with pytest.warns(UserWarning, match="log.jsonl is damaged: left out"):
        assert run(make_recipe(), output, resume=True)
    assert_same_training(output, whole_run("batch"))
    assert log(output) == log(whole_run("batch"))


def test_a_training_that_was_killed_behind_its_last_checkpoint(
    whole_run, make_recipe, run, tmp_path
):
    """Only what is written at the end is missing."""
    output = tmp_path / "run"
    shutil.copytree(whole_run("batch"), output)
    before = snapshot(output)
    (output / "training.json").unlink()
    assert run(make_recipe(), output, resume=True)
    after = snapshot(output)
    assert after.keys() == before.keys()
    found, expected = (
        json.loads(files[Path("training.json")]) for files in (after, before)
    )
    for key in ("wall_time_s", "steps_per_s"):
        # The log rounds its seconds.
        assert found.pop(key) == pytest.approx(expected.pop(key), rel=0.01)
    # The digest is of these, too.
    assert found.pop("sha256") and expected.pop("sha256")
    assert found == expected


@pytest.mark.one_backend
def test_resume_starts_a_run_that_is_not_there(
    whole_run, make_recipe, run, tmp_path
):
    """Or one that has no checkpoint yet."""
    output = tmp_path / "new" / "run"
    output.mkdir(parents=True)
    (output / "recipe.yaml").write_text(make_recipe().to_yaml())
    assert run(make_recipe(), output, resume=True)
    assert_same_training(output, whole_run("batch"))


@pytest.mark.one_backend
def test_a_finished_run_is_left_as_it_is(whole_run, make_recipe, run, tmp_path):
    output = tmp_path / "run"
    shutil.copytree(whole_run("batch"), output)
    (output / "metrics.json").write_text("{}")
    before = snapshot(output)
    assert run(make_recipe(), output, resume=True)
    assert run(make_recipe(steps=3), output, resume=True)
    assert snapshot(output) == before


@pytest.mark.one_backend
def test_continuing_removes_measurements(whole_run, make_recipe, run, tmp_path):
    output = tmp_path / "run"
    shutil.copytree(whole_run("batch"), output)
    (output / "metrics.json").write_text("{}")
    assert run(make_recipe(steps=STEPS + 1), output, resume=True)
    assert not (output / "metrics.json").exists()
    assert log(output)[-1]["step"] == STEPS + 1


def test_the_run_is_an_entry(whole_run):
    output = whole_run("batch")
    generator, discriminator = zoo.load(output, "both")
    stored = contents(output / "generator.weights.h5")
    assert sum(v.size for v in stored.values()) == generator.count_params()
    average = {
        name.removeprefix("ema_generator/"): value
        for name, value in contents(output / "checkpoint.weights.h5").items()
        if name.startswith("ema_generator/")
    }
    assert sorted(average) == sorted(stored)
    for name, value in stored.items():
        np.testing.assert_array_equal(value, average[name])
    assert discriminator.output_shape == (None, 1)
    assert generator.compute_dtype == "float32"


@pytest.mark.one_backend
def test_another_seed_is_another_training(
    whole_run, make_recipe, run, tmp_path
):
    assert run(make_recipe(seed=1, steps=5), tmp_path / "run")
    assert log(tmp_path / "run")[0] != log(whole_run("batch"))[0]


def test_the_gan_is_the_one_of_the_recipe(make_recipe):
    recipe = make_recipe("weight", ema_decay=0.5, **{"training.seed": 7})
    gan = build_gan(recipe)
    assert (gan.seed, gan.ema_decay, gan.discriminator_steps) == (7, 0.5, 2)
    assert gan.generator.get_layer("stem").compute_dtype == "bfloat16"
    assert type(gan.optimizer.generator).__name__ == "RMSprop"
    assert type(gan.optimizer.discriminator).__name__ == "Adam"
    assert gan.optimizer.discriminator.beta_1 == 0.5
    assert keras.config.dtype_policy().name == "float32"
    # The seed is that of the weights, too.
    again = build_gan(recipe)
    for a, b in zip(gan.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "lacks, precision",
    [
        (True, "mixed_bfloat16"),
        (True, "float32"),
        (False, "mixed_bfloat16"),
    ],
)
def test_a_processor_that_emulates_bfloat16_is_warned_of(
    lacks, precision, make_recipe, run, tmp_path, monkeypatch, recwarn
):
    module = importlib.import_module("kerasgan.training.trainer")
    monkeypatch.setattr(module, "lacks_bfloat16", lambda: lacks)
    assert run(make_recipe(steps=1, precision=precision), tmp_path / "run")
    said = [str(w.message) for w in recwarn if "emulates" in str(w.message)]
    assert len(said) == (lacks and precision == "mixed_bfloat16")


@pytest.mark.parametrize(
    "decay, said",
    [
        (None, 0),
        ("{name: linear, stop: 2}", 0),
        ("{name: linear, stop: 1}", 1),
        ("{name: cosine, stop: 1}", 1),
        ("{name: linear, stop: 1, final: 0.1}", 0),
        ("{name: exponential, half_life: 1}", 0),
    ],
)
def test_steps_without_a_learning_rate_are_warned_of(
    decay, said, make_recipe, run, tmp_path, recwarn
):
    change = {"discriminator_optimizer.decay": decay}
    assert run(make_recipe(steps=2, **change), tmp_path / "run")
    found = [str(w.message) for w in recwarn if "rate" in str(w.message)]
    assert (
        found
        == [
            "the learning rate of discriminator_optimizer is 0 after step 1, but "
            "the training has 2 steps: set discriminator_optimizer.decay.stop"
        ]
        * said
    )


def test_a_warm_up_that_does_not_end_is_warned_of(
    make_recipe, run, tmp_path, recwarn
):
    change = {"discriminator_optimizer.warmup_steps": 3}
    assert run(make_recipe(steps=2, **change), tmp_path / "run")
    (said,) = [str(w.message) for w in recwarn if "rises" in str(w.message)]
    assert "discriminator_optimizer rises for 3 steps" in said


# Refusals. None of them leaves a trace.


@pytest.mark.one_backend
def test_a_run_that_exists_is_refused(whole_run, make_recipe, run):
    before = snapshot(whole_run("batch"))
    with pytest.raises(FileExistsError, match="--resume"):
        run(make_recipe(), whole_run("batch"))
    assert snapshot(whole_run("batch")) == before


@pytest.mark.one_backend
@pytest.mark.parametrize(
    "change",
    [
        {"features": 2},
        {"batch_size": 4},
        {"ema_decay": 0.99},
        {"precision": "mixed_bfloat16"},
        {"generator_optimizer.learning_rate": 2e-3},
        {"flip": False},
        {"training.seed": 1},
    ],
)
def test_another_recipe_is_refused(change, whole_run, make_recipe, run):
    output = whole_run("batch")
    before = snapshot(output)
    with pytest.raises(ValueError, match="has another recipe"):
        run(make_recipe(steps=20, **change), output, resume=True)
    assert snapshot(output) == before


def test_a_folder_of_something_else_is_refused(make_recipe, run, tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    before = snapshot(tmp_path)
    with pytest.raises(FileExistsError, match="is not empty"):
        run(make_recipe(), tmp_path)
    with pytest.raises(ValueError, match="Expected a run directory"):
        run(make_recipe(), tmp_path, resume=True)
    with pytest.raises(FileExistsError, match="a file"):
        run(make_recipe(), tmp_path / "thesis.tex")
    assert snapshot(tmp_path) == before


def test_missing_data_leaves_no_run(make_recipe, tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        train(make_recipe(), tmp_path / "nowhere", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_too_few_images_leave_no_run(make_recipe, run, tmp_path):
    recipe = make_recipe(batch_size=5, discriminator_steps=5)
    with pytest.raises(
        ValueError, match=r"5 x 5 images .* 24: --batch-size 4 or less"
    ):
        run(recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def damaged(data):
    """Ways to damage an HDF5 file."""
    middle = bytearray(data)
    middle[1000:5096] = bytes(4096)
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    return {
        "one bit": bytes(flipped),
        "cut off": data[: len(data) // 2],
        "empty": b"",
        "overwritten": bytes(middle),
        "something else": b"no weights",
    }


@pytest.mark.one_backend
@pytest.mark.parametrize(
    "damage",
    ["cut off", "empty", "one bit", "overwritten", "something else"],
)
def test_a_damaged_checkpoint_is_refused(
    damage, whole_run, make_recipe, run, tmp_path
):
    output = tmp_path / "run"
    shutil.copytree(whole_run("batch"), output)
    path = output / "checkpoint.weights.h5"
    path.write_bytes(damaged(path.read_bytes())[damage])
    before = snapshot(output)
    with pytest.raises(ValueError, match="cannot be resumed: ") as caught:
        run(make_recipe(steps=20), output, resume=True)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert snapshot(output) == before


@pytest.mark.one_backend
def test_a_checkpoint_that_is_not_finite_is_refused(
    whole_run, make_recipe, run, tmp_path
):
    """Of a version that did not look, whose digest is right."""
    output = tmp_path / "run"
    shutil.copytree(whole_run("batch"), output)
    path, names = output / "checkpoint.weights.h5", []
    with h5py.File(path, "r+") as file:
        file.visit(names.append)
        weights = [file[n] for n in names if hasattr(file[n], "dtype")]
        next(w for w in weights if w.dtype.kind == "f")[...] = np.nan
    (output / "checkpoint.sha256").write_text(sha256(path) + "\n")
    before = snapshot(output)
    with pytest.raises(FloatingPointError, match=r"weights\.h5: .* is not fin"):
        run(make_recipe(steps=20), output, resume=True)
    assert snapshot(output) == before


@pytest.mark.one_backend
@pytest.mark.filterwarnings("ignore:this processor has no arithmetic")
def test_a_checkpoint_of_other_networks_is_refused(
    whole_run, make_recipe, run, tmp_path
):
    output = tmp_path / "run"
    shutil.copytree(whole_run("batch"), output)
    path = output / "checkpoint.weights.h5"
    shutil.copy(whole_run("weight") / path.name, path)
    with pytest.raises(ValueError, match="cannot be resumed: "):
        run(make_recipe(steps=20), output, resume=True)


class Poison(callbacks.SampleGrid):
    """Spoils a weight behind the checkpoint of step 10."""

    def on_epoch_begin(self, epoch, logs=None):
        if int(self.model.steps) == 10:
            weight = self.model.generator.weights[0]
            weight.assign(np.full(weight.shape, np.nan))


def test_a_training_that_diverges_keeps_its_last_checkpoint(
    make_recipe, run, tmp_path, monkeypatch
):
    output = tmp_path / "run"
    monkeypatch.setattr(callbacks, "SampleGrid", Poison)
    with pytest.raises(
        FloatingPointError, match="diverged: .* the checkpoint of step 10 in"
    ):
        run(make_recipe(), output)
    state = contents(output / "checkpoint.weights.h5")
    assert int(state["vars/steps"]) == 10
    assert all(np.isfinite(value).all() for value in state.values())
    zoo.check_weights(output, "both")
    for line in (output / "log.jsonl").read_text().splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(name))
