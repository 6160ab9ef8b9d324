"""Trainings that are killed again and again lose nothing.

Each configuration is trained once without a stop, and once more with kills at
random moments and in the midst of writing each kind of file. At every kill the
folder loads; in the end all of it is what the other training wrote.
"""

import collections
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from kerasgan import zoo
from kerasgan.utils.run_log import read_log

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="forks processes"),
    pytest.mark.filterwarnings("ignore:.* is damaged. left out line"),
]
KILLS = int(os.environ.get("KERASGAN_KILLS", "9"))
CONFIGURATIONS = {
    "batch": ["--set", "dropout=0.3", "--set", "generator_optimizer.name=adam"],
    "weight": [
        *("--set", "normalization=weight", "--set", "discriminator_steps=2"),
        *("--set", "batch_size=3", "--set", "ema_decay=null"),
    ],
    "classes": [
        *("--labels", "--set", "normalization=spectral"),
        *("--set", "generator_normalization=batch", "--set", "loss=hinge"),
    ],
    "adaptive": [
        *("--set", "normalization=none", "--set", "penalties=[r1]"),
        *("--set", "augmentation=adaptive_augment"),
    ],
    "best": [
        *("--set", "normalization=layer", "--hold-out", "20%"),
        *("--measure", "reconstruction", "--best", "reconstruction"),
        *("--measure-every", "12", "--measure-count", "4"),
    ],
    "decay": [
        *("--set", "loss=wasserstein_gp", "--set", "normalization=layer"),
        "--set",
        "generator_optimizer.decay={name: linear, stop: 24}",
    ],
}
# Where the writes of a training are cut: files with wildcards, and how often
# they are written at most before the kill.
FILES = {
    "checkpoint.weights.h5": 2,
    "checkpoint.sha256": 2,
    "generator.weights.h5": 2,
    "discriminator.weights.h5": 2,
    "SHA256SUMS": 4,
    "samples/*.png": 3,
    "log.jsonl": 4,
    "training.json": 2,
    "report.*": 3,
    "recipe.yaml": 1,
    "pictures.json": 1,
}
BEST = {"best/*.h5": 4, "best/SHA256SUMS": 3, "best/*.json": 3}
RECIPE = {
    "name": "dots",
    "summary": "Dots",
    "architecture": {
        "kind": "dcgan",
        "image_shape": [8, 8, 3],
        "latent_dim": 4,
        "features": 2,
    },
    "data": {
        "source": "images",
        "image_size": 8,
        "licence": "CC0",
        "citation": "Nobody",
    },
    "training": {
        "steps": 24,
        "batch_size": 6,
        "generator_optimizer": {"name": "rmsprop", "learning_rate": 1e-3},
        "discriminator_optimizer": {"name": "adam", "learning_rate": 1e-3},
    },
    "licence": "MIT",
    "intended_use": "Tests",
    "limits": ["only dots"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds the images and the recipe of all trainings."""
    folder = tmp_path_factory.mktemp("kills")
    rng = np.random.default_rng(0)
    for i in range(40):
        path = folder / "images" / ("sea", "sky")[i % 2] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        corners = rng.integers(0, 256, (2, 2, 3), np.uint8)
        Image.fromarray(corners).resize((20, 18), Image.BILINEAR).save(path)
    # JSON is YAML.
    (folder / "dots.yaml").write_text(json.dumps(RECIPE))
    return folder


@pytest.fixture(scope="module", params=["tensorflow", "jax"])
def trainings(request, folder, without_tensorflow):
    """A function of a training's arguments; returns the process's status."""
    environment = dict(os.environ)
    if request.param == "jax":
        environment = dict(without_tensorflow)
    environment |= {
        "KERAS_BACKEND": request.param,
        "KERASGAN_CACHE": str(folder / "cache"),
    }
    process = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("killed_trainings.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )

    def train(options, output, kill=None):
        arguments = [folder / "dots.yaml", "--data", folder / "images"]
        arguments += ["--output", output, "--resume", *options]
        for name, steps in (("log", 2), ("sample", 3), ("checkpoint", 4)):
            arguments += [f"--{name}-every", steps]
        request = {"output": str(output), "kill": kill}
        request["arguments"] = [str(word) for word in arguments]
        print(json.dumps(request), file=process.stdin, flush=True)
        return int(process.stdout.readline())

    train.backend = request.param
    yield train
    process.stdin.close()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_kills(name, trainings, tmp_path):
    options = CONFIGURATIONS[name]
    whole, output = tmp_path / "whole", tmp_path / "killed"
    assert trainings(options, whole) == 0, message(whole)
    choice = random.Random(f"{name} {trainings.backend}")
    moments = collections.Counter()
    for number in range(10 * KILLS):
        kill = moment(choice, number, name == "best")
        status = trainings(options, output, kill)
        if status == signal.SIGKILL:
            moments[kill[0]] += 1
            check_loadable(output)
            if moments.total() == KILLS:
                break
        else:
            # It ended before the moment came.
            assert status == 0, (kill, message(output))
            assert_same(whole, output)
            output = output.with_name(f"killed{number}")
    assert moments.total() == KILLS
    assert trainings(options, output) == 0, message(output)
    assert_same(whole, output)
    print(f"{name}, {trainings.backend}: {dict(moments)}")


def moment(choice, number, best):
    if number % 4 == 3:
        return "time", "", choice.uniform(0, 4)
    files = FILES | (BEST if best and choice.random() < 0.5 else {})
    name = choice.choice(list(files))
    when = choice.choice(["half", "before", "after"])
    return when, name, choice.randint(1, files[name])


def message(output):
    return Path(f"{output}.txt").read_text()[-3000:]


def check_loadable(output):
    for folder in (output, output / "best"):
        if (folder / "discriminator.weights.h5").exists():
            zoo.load(folder, "both")
        elif (folder / "generator.weights.h5").exists():
            zoo.load(folder)
        for path in folder.glob("*.json"):
            json.loads(path.read_text())


def assert_same(a, b):
    """All that two trainings wrote is the same but for times."""
    names = {p.relative_to(a) for p in a.rglob("*")}
    assert {p.relative_to(b) for p in b.rglob("*")} == names
    for name in names:
        one, other = a / name, b / name
        if name.suffix == ".h5":
            assert_same_arrays(one, other)
        elif name.suffix == ".jsonl":
            # A line is complete, and the last one ends.
            assert other.read_bytes().endswith(b"\n")
            assert without_times(one) == without_times(other)
        elif (name.parts[0] == "samples" and one.is_file()) or name.name in (
            "best.json",
            "recipe.yaml",
            "pictures.json",
        ):
            assert one.read_bytes() == other.read_bytes(), name


def without_times(path):
    times = ("seconds", "steps_per_second")
    lines = read_log(path)
    return [{k: v for k, v in line.items() if k not in times} for line in lines]


def assert_same_arrays(a, b):
    def contents(path):
        found = {}
        with h5py.File(path) as file:
            file.visititems(
                lambda name, item: (
                    found.update({name: item[()]})
                    if isinstance(item, h5py.Dataset)
                    else None
                )
            )
        return found

    a, b = contents(a), contents(b)
    assert sorted(a) == sorted(b)
    for name, value in a.items():
        np.testing.assert_array_equal(b[name], value, err_msg=name)
