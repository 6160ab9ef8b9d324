"""Files of earlier versions load, resume, are measured and exported.

`make.py` made them, each with the version that the folder is named after.
"""

import json
import shutil
from pathlib import Path

import keras
import make
import numpy as np
import pytest
from typer.testing import CliRunner

from kerasgan import sample, zoo
from kerasgan.cli import app

HERE = Path(__file__).parent


@pytest.fixture(params=["0.1.0"])
def files(request, tmp_path, monkeypatch):
    """A copy of a version's files, next to the images they came from."""
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    make.waves(tmp_path / "waves")
    return shutil.copytree(HERE / request.param, tmp_path / "files")


def kerasgan(*arguments):
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.integration
def test_a_run_is_resumed(files):
    expected = np.load(files / "expected.npz")
    run = files / "run"
    before = make.flat(zoo.load(run))
    np.testing.assert_array_equal(before, expected["at_6"])
    kerasgan("train", run, "--resume", "--steps", 10)
    after = make.flat(zoo.load(run))
    # Another processor rounds differently, and Adam divides by what is small.
    distance = np.abs(after - expected["at_10"]).mean()
    assert distance < 0.05 * np.abs(before - expected["at_10"]).mean()
    last = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert last["step"] == 10


def test_an_entry_is_measured_and_drawn_from(files):
    entry = files / "entry"
    stated = json.loads((entry / "metrics.json").read_text())
    kerasgan("evaluate", entry, "--data", "waves", "--fresh")
    found = json.loads((entry / "metrics.json").read_text())
    values = [
        {item["name"]: item["value"] for item in of["metrics"]}
        for of in (stated, found)
    ]
    assert values[1]["reconstruction_error"] == pytest.approx(
        values[0]["reconstruction_error"], rel=1e-4
    )
    images = sample(zoo.load(entry), 2, seed=0)
    assert images.shape == (2, 8, 8, 3)


@pytest.mark.integration
def test_an_entry_is_exported(files, on_tensorflow):
    import tensorflow as tf

    kerasgan("export", files / "entry", "--output", "exported")
    (folder,) = Path("exported").glob("*/1")
    served = tf.saved_model.load(folder).signatures["serving_default"]
    latents = np.random.default_rng(0).standard_normal((3, 4), "float32")
    np.testing.assert_allclose(
        served(tf.constant(latents))["images"],
        zoo.load(files / "entry")(latents),
        atol=1e-5,
    )


@pytest.mark.filterwarnings("ignore:the first . real images have no value")
@pytest.mark.integration
def test_a_gan_is_loaded_and_trained(files):
    import kerasgan.gans

    gan = keras.models.load_model(files / "gan.keras")
    assert type(gan) is kerasgan.gans.WassersteinGPGAN
    assert int(gan.steps) == 2
    assert int(gan.optimizer.generator.iterations) == 2
    before = make.flat(gan.generator)
    gan.fit(np.zeros((4, 8, 8, 3), "float32"), batch_size=4, verbose=0)
    assert int(gan.steps) == 3
    assert np.abs(make.flat(gan.generator) - before).max() > 1e-4
