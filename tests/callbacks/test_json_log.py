import json

import pytest

from kerasgan.callbacks import JSONLog, read_log


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


def epoch(callback, begin, end, logs=None):
    callback.model.steps.assign(begin)
    callback.on_epoch_begin(0)
    callback.model.steps.assign(end)
    callback.on_epoch_end(0, logs)


def test_a_line_an_epoch(gan, start, path):
    callback = start(JSONLog(path), gan)
    assert path.read_text() == ""
    epoch(callback, 0, 10, {"generator_loss": 1 / 3, "real_logits": -1e-9})
    epoch(callback, 10, 15, {"generator_loss": 2.0})
    text = path.read_text()
    assert text.endswith("\n")
    first, second = (json.loads(line) for line in text.splitlines())
    assert list(first) == [
        "step",
        "seconds",
        "steps_per_second",
        "generator_loss",
        "real_logits",
        "crc32",
    ]
    assert (first["step"], second["step"]) == (10, 15)
    assert first["generator_loss"] == 0.333333
    assert first["real_logits"] == -1e-9
    assert 0 <= first["seconds"] <= second["seconds"] < 10
    assert first["steps_per_second"] > 1


def test_a_resumed_training_replaces_the_lines_behind_it(gan, start, path):
    lines = [
        {"step": s, "seconds": s / 2.0, "generator_loss": 1.0}
        for s in (10, 20, 30)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    gan.steps.assign(20)
    callback = start(JSONLog(path), gan)
    assert read_log(path) == lines[:2]
    epoch(callback, 20, 30, {"generator_loss": 2.0})
    # The next call of `fit` drops nothing.
    callback.on_train_begin()
    found = read_log(path)
    assert [line["step"] for line in found] == [10, 20, 30]
    assert found[-1]["generator_loss"] == 2.0
    assert 10 <= found[-1]["seconds"] < 20


def test_damaged_lines_are_left_out_and_counted(gan, start, path):
    callback = start(JSONLog(path), gan)
    for step in (10, 20, 30):
        epoch(callback, step - 10, step, {"generator_loss": step / 8})
    before = read_log(path)
    first, second, third = path.read_text().splitlines()
    # A digit of a number, the name of the checksum, and a line that was cut off.
    path.write_text(
        "\n".join(
            [
                first,
                second.replace("2.5", "2.7"),
                '{"step": 25}',
                third.replace("crc32", "crb32"),
                third[:-9],
            ]
        )
    )
    with pytest.warns(UserWarning, match="left out line 2, 4, 5$"):
        kept = read_log(path)
    assert kept == [before[0], {"step": 25}]
    gan.steps.assign(20)
    with pytest.warns(UserWarning, match="left out"):
        start(JSONLog(path), gan)
    assert read_log(path) == kept[:1]
    assert path.read_text() == first + "\n"


def test_what_is_not_finite_is_null(gan, start, path):
    callback = start(JSONLog(path), gan)
    epoch(callback, 0, 1, {"generator_loss": float("nan"), "x": float("-inf")})

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    line = json.loads(path.read_text(), parse_constant=refuse)
    assert line["generator_loss"] is None and line["x"] is None


def test_no_log_has_no_lines(path):
    assert read_log(path) == []
