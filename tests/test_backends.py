"""JAX, in processes that find no TensorFlow."""

import json
import re
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
from PIL import Image
from portable import PARTS, TESTS

pytestmark = pytest.mark.integration

RECIPE = """
name: dcgan-bn-dots
summary: Dots
architecture:
  {kind: dcgan, image_shape: [8, 8, 3], latent_dim: 4, features: 2,
   normalization: batch, dropout: 0.2}
data: {source: dots, image_size: 8, licence: CC0, citation: Nobody}
training:
  steps: 4
  batch_size: 4
  generator_optimizer: {name: adam, learning_rate: 1.0e-3}
  discriminator_optimizer: {name: rmsprop, learning_rate: 1.0e-3}
licence: MIT
intended_use: Tests
limits: [only dots]
"""


def python(environment, *arguments, **options):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        **options,
    )


@pytest.fixture(scope="module")
def tensorflow_free(without_tensorflow, tmp_path_factory):
    """The environment, with a cache of its own."""
    cache = tmp_path_factory.mktemp("cache")
    return {**without_tensorflow, "KERASGAN_CACHE": str(cache)}


@pytest.fixture(scope="module")
def run_folder(tensorflow_free, tmp_path_factory):
    """A run that the command line trained without TensorFlow."""
    folder = tmp_path_factory.mktemp("jax")
    rng = np.random.default_rng(0)
    for split, count in (("train", 8), ("test", 3)):
        (folder / "dots" / split).mkdir(parents=True)
        for i in range(count):
            pixels = rng.integers(0, 256, (10, 12, 3), np.uint8)
            Image.fromarray(pixels).save(folder / "dots" / split / f"{i}.png")
    (folder / "dots.yaml").write_text(RECIPE)
    for steps in (3, 4):
        done = python(
            tensorflow_free,
            *("-m", "kerasgan.cli", "train", "dots.yaml", "--resume"),
            *("--output", "run", "--steps", steps, "--log-every", 2),
            cwd=folder,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"Trained {steps} steps into run\n"
    return folder


def test_the_stub_stands_in_for_tensorflow(without_tensorflow):
    """Else nothing here would prove anything."""
    done = python(without_tensorflow, "-c", "import tensorflow")
    assert "there is no TensorFlow here" in done.stderr


def test_training(run_folder):
    lines = (run_folder / "run" / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [2, 3, 4]
    record = json.loads((run_folder / "run" / "training.json").read_text())
    assert record["backend"] == "jax"


def test_sampling_and_reconstruction(run_folder, tensorflow_free):
    done = python(
        tensorflow_free,
        *("-m", "kerasgan.cli", "sample", "run", "--count", 4),
        cwd=run_folder,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(run_folder / "samples.png") as image:
        assert image.size == (22, 22)
    done = python(
        tensorflow_free,
        *("-m", "kerasgan.cli", "reconstruct", "run", "--data", "dots"),
        *("--steps", 3),
        cwd=run_folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Reconstruction error 0.")
    assert "mean of 3 images, 3 steps" in done.stdout


def test_the_library_without_tensorflow(run_folder, tensorflow_free):
    """Also by hand, and nothing tries to import it meanwhile."""
    code = textwrap.dedent("""
        import sys
        import keras, numpy as np, kerasgan
        assert keras.backend.backend() == "jax"
        for name in kerasgan.__all__:
            getattr(kerasgan, name)
        generator = kerasgan.zoo.load("run")
        np.save("images.npy", kerasgan.sample(generator, 4, seed=1))
        kerasgan.interpolate(generator, steps=2)
        data = kerasgan.data.load("dots", image_size=8, batch_size=4)
        gan = kerasgan.gans.NonSaturatingGAN(*kerasgan.zoo.load("run", "both"))
        gan.compile("adam", "adam")
        gan.fit(data, epochs=2, verbose=0)
        assert int(gan.steps) == 4
        assert "tensorflow" not in sys.modules
    """)
    done = python(tensorflow_free, "-c", code, cwd=run_folder)
    assert done.returncode == 0, done.stderr
    if keras.backend.backend() == "tensorflow":
        # The same weights draw the same images here.
        import kerasgan

        generator = kerasgan.zoo.load(run_folder / "run")
        here = kerasgan.sample(generator, 4, seed=1).astype(int)
        there = np.load(run_folder / "images.npy").astype(int)
        assert np.abs(here - there).max() <= 1


def test_the_portable_tests_pass_on_jax(without_tensorflow):
    if keras.backend.backend() == "jax":
        pytest.skip("they are running on JAX anyway")
    command = [sys.executable, "-m", "pytest", "-o", "addopts="]
    command += ["--import-mode=importlib", "-p", "no:cacheprovider"]
    command += ["-m", "both_backends and not slow"]
    processes = [
        subprocess.Popen(
            [*command, *(str(TESTS / name) for name in names)],
            env=without_tensorflow,
            cwd=TESTS.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for names in PARTS
    ]
    outputs = [process.communicate(timeout=1200)[0] for process in processes]
    for process, output in zip(processes, outputs):
        assert process.returncode == 0, output
        passed = re.search(r"(\d+) passed", output.splitlines()[-1])
        assert int(passed[1]) > 30
