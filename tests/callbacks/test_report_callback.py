import json
import os
import sys
import warnings

import pytest

from kerasgan.callbacks import Report


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "log.jsonl").write_text(
        json.dumps({"step": 1, "generator_loss": 1.0}) + "\n"
    )
    return tmp_path


@pytest.fixture
def steps(monkeypatch):
    """The steps at which a report is asked for; nothing is drawn."""
    found = []

    def write_report(folder, title, summary):
        found.append((folder, title, summary))

    monkeypatch.setattr("kerasgan.utils.report_page.write_report", write_report)
    return found


def test_it_is_written_at_multiples_and_at_the_end(
    gan, start, finish, steps, tmp_path
):
    callback = start(Report(tmp_path, 10, "title", "words"), gan)
    for step, count in ((4, 0), (10, 1), (19, 1), (23, 2)):
        finish(callback, step)
        assert len(steps) == count
    callback.on_train_end()
    assert len(steps) == 2
    gan.steps.assign(25)
    callback.on_train_end()
    assert steps == [(tmp_path, "title", "words")] * 3


def test_a_training_that_is_continued(gan, start, finish, steps, tmp_path):
    gan.steps.assign(18)
    callback = start(Report(tmp_path, 10), gan)
    finish(callback, 19)
    assert steps == []
    finish(callback, 20)
    assert len(steps) == 1


def test_the_page_is_that_of_the_log(gan, start, finish, folder):
    pytest.importorskip("matplotlib", reason="draws by matplotlib")
    callback = start(Report(folder, 1, "the title"), gan)
    finish(callback, 1)
    assert "the title" in (folder / "report.html").read_text()
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_it_warns_once(
    gan, start, finish, folder, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    callback = start(Report(folder, 1), gan)
    with pytest.warns(UserWarning, match="no report .* step 1: .*matplotlib"):
        finish(callback, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        finish(callback, 2)
    assert os.listdir(folder) == ["log.jsonl"]


def test_a_full_disk_ends_no_training(gan, start, finish, folder, monkeypatch):
    def write_report(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kerasgan.utils.report_page.write_report", write_report)
    callback = start(Report(folder, 1), gan)
    with pytest.warns(UserWarning, match="No space left"):
        finish(callback, 1)


def test_no_random_state_is_touched(gan, start, folder):
    """A training continues as if nothing had been drawn."""
    import random

    import numpy as np

    callback = start(Report(folder, 1), gan)
    gan.steps.assign(1)
    before = random.getstate(), np.random.get_state()[1].tolist()
    weights = gan.get_weights()
    callback.write()
    assert before == (random.getstate(), np.random.get_state()[1].tolist())
    for a, b in zip(weights, gan.get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("every", [0, 2.5])
def test_bad_intervals(every, tmp_path):
    with pytest.raises(ValueError, match=f"every={every}"):
        Report(tmp_path, every)
