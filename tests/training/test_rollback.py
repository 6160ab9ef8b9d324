"""A training that diverges returns to its last checkpoint."""

import contextlib
import signal

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

from kerasgan import callbacks
from kerasgan.training import trainer
from kerasgan.training.diagnostics import Diagnostics
from kerasgan.training.distribution import Workers
from kerasgan.training.rollback import MOST, read_rollbacks, roll_back
from kerasgan.training.trainer import train
from kerasgan.zoo.records import read_training

pytestmark = [pytest.mark.integration, pytest.mark.both_backends]

# With these rates the losses grow beyond all bounds within 20 steps, from the
# weights that each backend draws.
RATE = {"tensorflow": 0.6, "jax": 0.55}[keras.backend.backend()]
# The last checkpoint before; on JAX there is none.
START = {"tensorflow": 8, "jax": 0}[keras.backend.backend()]


@pytest.fixture
def run(recipe, tmp_path, monkeypatch):
    """Trains on smooth images, with losses without bounds."""
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    images = tmp_path / "images"
    images.mkdir()
    rng = np.random.default_rng(0)
    for i in range(24):
        corners = rng.integers(0, 256, (2, 2, 3), np.uint8)
        image = Image.fromarray(corners).resize((20, 18), Image.BILINEAR)
        image.save(images / f"{i:02d}.png")
    sgd = {"name": "sgd", "learning_rate": RATE}
    values = {
        "normalization": "none",
        "loss": "least_squares",
        "batch_size": 4,
        "precision": "float32",
        "steps": 24,
        "generator_optimizer": sgd,
        "discriminator_optimizer": sgd,
    }
    recipe = recipe.override_all(values.items())

    def call(output, on_divergence, **options):
        return train(
            recipe,
            images,
            tmp_path / output,
            log_every=2,
            checkpoint_every=4,
            sample_every=2,
            diagnostics=Diagnostics(measure=(), on_divergence=on_divergence),
            **options,
        )

    return call


def state(run):
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item[()]

    with h5py.File(run / "checkpoint.weights.h5") as file:
        file.visititems(visit)
    return found


def test_it_resumes_with_half_the_rates_and_so_does_what_was_killed(
    run, tmp_path, monkeypatch
):
    with pytest.warns(UserWarning, match="of the recipe's learning rates"):
        assert run("whole", "rollback")
    whole = tmp_path / "whole"
    rollbacks = read_rollbacks(whole)
    start = rollbacks[-1].step
    assert start == START
    assert read_training(whole).rollbacks == rollbacks
    factor = 0.5 ** len(rollbacks)
    for line in callbacks.read_log(whole / "log.jsonl"):
        expected = factor if line["step"] > start else None
        assert line.get("learning_rate_factor") == expected
    expected = state(whole)
    rates = [v for k, v in expected.items() if k.endswith("optimizer/vars/1")]
    rates = rates or [v for v in expected.values() if v.shape == ()]
    assert np.float32(RATE * factor) in rates

    # Killed before and behind the first checkpoint with the lower rates.
    for name, last in (("early", start + 2), ("late", start + 6)):

        class Killed(callbacks.SampleGrid):
            def on_epoch_end(self, epoch, logs=None, last=last):
                if logs.get("learning_rate_factor"):
                    if int(self.model.steps) == last:
                        raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(callbacks, "SampleGrid", Killed)
            with pytest.raises(KeyboardInterrupt), pytest.warns(UserWarning):
                run(name, "rollback")
        assert run(name, "stop", resume=True)
        found = state(tmp_path / name)
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            np.testing.assert_array_equal(found[key], value, key)


def test_an_interruption_is_heeded(run, tmp_path, monkeypatch):
    class Interrupted(callbacks.JSONLog):
        def on_epoch_end(self, epoch, logs=None):
            signal.raise_signal(signal.SIGINT)
            logs["d_loss"] = float("nan")

    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "JSONLog", Interrupted)
        with pytest.warns(UserWarning, match="continues from step 0"):
            assert not run("run", "rollback")
    assert len(read_rollbacks(tmp_path / "run")) == 1


def test_all_workers_name_the_checkpoint_that_is_kept(
    run, tmp_path, monkeypatch
):
    @contextlib.contextmanager
    def second_worker(name):
        yield Workers(chief=False)

    def diverge(gan, batches, steps, interval, callbacks):
        checkpoint = callbacks.callbacks[-1]
        checkpoint.set_model(gan)
        checkpoint.on_train_begin()
        (checkpoint.folder / "checkpoint.weights.h5").touch()
        checkpoint.check_losses({"d_loss": float("nan")})

    monkeypatch.setattr(trainer, "distributed", second_worker)
    monkeypatch.setattr(trainer, "_fit", diverge)
    with pytest.raises(FloatingPointError) as caught:
        run("run", "stop")
    assert str(caught.value).endswith(f"step 0 in {tmp_path / 'run'} is kept")


def test_it_ends_when_lower_rates_do_not_help(tmp_path):
    for _ in range(MOST):
        with pytest.warns(UserWarning, match="continues from step 3"):
            roll_back(tmp_path, 3, "exploding; the checkpoint is kept")
    assert read_rollbacks(tmp_path)[-1].factor == 0.5**MOST
    assert read_rollbacks(tmp_path)[-1].reason == "exploding"
    with pytest.raises(FloatingPointError, match="returned to a checkpoint 5"):
        roll_back(tmp_path, 3, "exploding")
