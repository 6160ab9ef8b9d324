import json

import numpy as np
import pytest

from kerasgan import callbacks, sampling
from kerasgan.callbacks import (
    BestCheckpoint,
    Measure,
    ModeCollapse,
    ReconstructionError,
)
from kerasgan.metrics import diversity, reconstruction_error
from kerasgan.utils.json_files import read_json


def images(count=8, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 8, 8, 3), np.uint8)


def fit(gan, watchers, epochs=4):
    real = images().astype("float32") / 127.5 - 1
    return gan.fit(
        real, batch_size=4, epochs=epochs, callbacks=watchers, verbose=0
    ).history


class Counting(Measure):
    def measure(self, generator):
        assert generator is self.model.ema_generator
        return {"number": float(self.model.steps)}


@pytest.mark.integration
def test_numbers_come_at_multiples_of_every(gan, tmp_path):
    counting = Counting(every=3)
    log = callbacks.JSONLog(tmp_path / "log.jsonl")
    # Two steps an epoch: 2, 4, 6, 8.
    fit(gan, [counting, log])
    assert counting.history == [(4, {"number": 4.0}), (6, {"number": 6.0})]
    lines = callbacks.read_log(tmp_path / "log.jsonl")
    assert [line.get("number") for line in lines] == [None, 4, 6, None]


def test_without_an_average_the_generator_is_measured(make_gan):
    gan = make_gan(ema_decay=None)
    # Two steps take less time than a graph of them.
    gan.run_eagerly = True
    seen = []

    class Looking(Measure):
        def measure(self, generator):
            seen.append(generator)
            return {}

    fit(gan, [Looking(1)], epochs=1)
    assert seen == [gan.generator]


@pytest.mark.parametrize("every", [0, 1.5])
def test_bad_intervals(every):
    with pytest.raises(ValueError, match=f"every={every}"):
        Measure(every)


@pytest.mark.integration
# As random as its weights are.
@pytest.mark.filterwarnings("ignore:the generator has no gradient")
def test_reconstruction(gan, tmp_path):
    unseen = images(5, seed=1)
    callback = ReconstructionError(
        unseen, every=2, steps=3, folder=tmp_path / "pairs", pairs=2
    )
    history = fit(gan, [callback], epochs=2)
    expected = reconstruction_error(gan.ema_generator, unseen, steps=3).mean
    assert history["reconstruction_error"][-1] == pytest.approx(expected)
    names = sorted(path.name for path in (tmp_path / "pairs").iterdir())
    assert names == ["pairs_0000002.png", "pairs_0000004.png"]


@pytest.mark.integration
def test_mode_collapse(gan):
    real = images(50, seed=2)
    callback = ModeCollapse(
        real, every=2, count=16, seed=3, least_diversity=0.0, most_copies=1.0
    )
    history = fit(gan, [callback], epochs=1)
    samples = sampling.sample(gan.ema_generator, 16, seed=3)
    found = diversity(samples, real)
    assert history["sample_diversity"] == [pytest.approx(found.relative)]
    assert history["sample_duplicates"] == [found.duplicates]
    assert history["memorized"] == [found.memorized]


def test_a_collapsed_generator_is_told_of(gan):
    for weight in gan.ema_generator.weights:
        weight.assign(0 * weight)
    callback = ModeCollapse(images(50, seed=2), count=16)
    callback.set_model(gan)
    with pytest.warns(UserWarning, match="collapsed: sample_diversity is 0"):
        numbers = callback.measure(gan.ema_generator)
    assert numbers["sample_duplicates"] == 1.0


class Given(Measure):
    def __init__(self, values):
        super().__init__(1)
        self.values = list(values)

    def measure(self, generator):
        return {"value": self.values.pop(0)}


@pytest.mark.integration
@pytest.mark.parametrize("mode, best", [("min", 1), ("max", 0)])
def test_the_best_is_kept(gan, tmp_path, mode, best):
    values = [3.0, 1.0, 2.0, float("nan")]
    weights = []

    class Keep(Measure):
        def measure(self, generator):
            weights.append(generator.get_weights())
            return {}

    keeper = BestCheckpoint(tmp_path / "best", "value", mode)
    fit(gan, [Given(values), Keep(1), keeper])
    expected = {"monitor": "value", "value": values[best], "step": 2 * best + 2}
    record = read_json(tmp_path / "best" / "best.json", "")
    assert record == keeper.best == expected
    gan.ema_generator.load_weights(tmp_path / "best" / "generator.weights.h5")
    for a, b in zip(weights[best], gan.ema_generator.get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.integration
def test_the_best_of_a_training_that_is_continued(make_gan, tmp_path):
    gan = make_gan()
    fit(gan, [Given([2.0]), BestCheckpoint(tmp_path, "value")], epochs=1)
    fit(gan, [Given([3.0]), BestCheckpoint(tmp_path, "value")], epochs=1)
    record = json.loads((tmp_path / "best.json").read_text())
    assert (record["value"], record["step"]) == (2.0, 2)
    # Started again, what came of other weights does not count.
    fit(make_gan(), [Given([3.0]), BestCheckpoint(tmp_path, "value")], epochs=1)
    record = json.loads((tmp_path / "best.json").read_text())
    assert (record["value"], record["step"]) == (3.0, 2)
    with pytest.raises(ValueError, match="another number, value.*'other'"):
        fit(gan, [BestCheckpoint(tmp_path, "other")], epochs=1)


def test_what_is_not_logged_is_not_the_best(make_gan, tmp_path):
    gan = make_gan()
    gan.run_eagerly = True
    fit(gan, [BestCheckpoint(tmp_path, "value")], epochs=1)
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="mode='least'"):
        BestCheckpoint(tmp_path, "value", mode="least")
