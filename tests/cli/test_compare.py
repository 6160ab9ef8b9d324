"""`kerasgan compare`: only what was measured alike stands side by side."""

import json

import numpy as np
import pytest
from one_line import refused
from PIL import Image

from kerasgan import sampling, zoo
from kerasgan.evaluation.comparison import compare
from kerasgan.utils import image_grids

NAME = "dcgan-wn-dots"
TRAINING = {
    "steps": 1000,
    "batch_size": 32,
    "images": 640,
    "data": "dots, train",
    "device": "two cores",
    "wall_time_s": 3700.0,
    "steps_per_s": 0.27,
    "kerasgan": "0.1",
    "keras": "3.12",
    "backend": "tensorflow",
}
PROTOCOL = {"images": 500, "fingerprint": "ab", "data": "x", "kerasgan": "0.1"}


def measured(name, value, **changes):
    protocol = {**PROTOCOL, **changes}
    return {"name": name, "value": value, "protocol": protocol}


@pytest.fixture
def add_run(here, entry):
    """A function that makes a run directory of the entry's weights."""

    def add(name, metrics=None, weights=None):
        folder = here / name
        folder.mkdir()
        for path in entry.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        (folder / "training.json").write_text(json.dumps(TRAINING))
        if metrics is not None:
            digest = (folder / "SHA256SUMS").read_text().split()[0]
            content = {
                "name": NAME,
                "weights": weights or {"generator.weights.h5": digest},
                "metrics": metrics,
                "command": "kerasgan evaluate",
            }
            (folder / "metrics.json").write_text(json.dumps(content))
        return folder

    return add


def values(row):
    return {name: item.value for name, item in row.values.items()}


def test_the_same_protocol_stands_side_by_side(add_run):
    # What the source is called and the version are no part of the protocol.
    add_run("a", [measured("fid768", 1.5), measured("swd", 3.0)])
    add_run("b", [measured("fid768", 2.5, data="y", kerasgan="9")])
    rows = compare(["a", "b"]).rows
    assert [(row.title, values(row)) for row in rows] == [
        ("fid768", {"a": 1.5, "b": 2.5}),
        ("swd", {"a": 3.0}),
    ]
    assert not any(row.note for row in rows)


def test_another_protocol_is_a_row_of_its_own_and_explained(add_run):
    add_run("a", [measured("fid_768", 1.5, images=100)])
    add_run("b", [measured("fid_768", 2.5)])
    add_run("c", [measured("fid_768", 3.5)])
    found = compare(["a", "b", "c"])
    # What most have comes first.
    assert [(row.title, values(row)) for row in found.rows] == [
        ("fid 768", {"b": 2.5, "c": 3.5}),
        ("fid 768 [1]", {"a": 1.5}),
    ]
    assert found.notes == ["fid 768 [1]: images 100 instead of 500"]


def test_one_generator_measured_by_two_protocols(add_run):
    split = [
        measured("recall", v, split=s) for v, s in ((1, "train"), (2, "test"))
    ]
    add_run("a", split)
    add_run("b", split[::-1])
    found = compare(["a", "b"])
    assert [values(row) for row in found.rows] == [
        {"a": 1, "b": 1},
        {"a": 2, "b": 2},
    ]
    assert found.notes == ["recall [1]: split test instead of train"]


def test_numbers_of_other_weights_do_not_count(add_run):
    add_run("a", [measured("recall", 1)], {"generator.weights.h5": "0" * 64})
    add_run("b")
    found = compare(["a", "b"])
    assert found.rows == []
    assert found.notes == [
        "a: its metrics.json belongs to other weights",
        "b: not measured yet (`kerasgan evaluate`)",
    ]


def cells(line):
    return [cell for cell in line.split("  ") if cell.strip()]


def test_the_table_and_the_image(run, here, add_run):
    pytest.importorskip("matplotlib", reason="draws by matplotlib")
    add_run("a", [measured("fid_768", 1.5), measured("recall", 1.0)])
    folder = add_run(
        "b", [measured("fid_768", 2.5), measured("recall", 2, seed=1)]
    )
    (folder / "log.jsonl").write_text('{"step": 5, "generator_loss": 1.0}\n')
    result = run("compare", "a", "b", "--output", "out/both.png")
    assert result.exit_code == 0, result.output
    lines = {
        cells(line)[0]: line for line in result.stdout.splitlines() if line
    }
    assert lines["fid 768"].split() == ["fid", "768", "1.5", "2.5"]
    assert lines["recall"].split() == ["recall", "1"]
    assert lines["recall [1]"].split() == ["recall", "[1]", "2"]
    assert "recall [1]: seed 1 instead of none" in result.stdout
    assert lines["steps"].split() == ["steps", "1,000", "1,000"]
    count = zoo.load("a").count_params()
    assert lines["generator's parameters"].split()[2:] == [f"{count:,}"] * 2
    assert result.stdout.endswith("Wrote out/both.png\n")
    with Image.open(here / "out" / "both.png") as image:
        assert image.format == "PNG" and image.width == 1200


def test_the_samples_are_those_of_one_seed(entry):
    from kerasgan.evaluation.comparison import samples

    generator = zoo.load(NAME)
    expected = image_grids.grid(sampling.sample(generator, 16, seed=0), 4)
    np.testing.assert_array_equal(samples(generator), expected)


def test_what_is_drawn(add_run):
    pytest.importorskip("matplotlib", reason="draws by matplotlib")
    from kerasgan.evaluation.comparison import draw

    add_run("a", [measured("recall", 1.0), measured("swd", 5.0)])
    folder = add_run("b", [measured("recall", 2.0)])
    (folder / "log.jsonl").write_text('{"step": 5, "generator_loss": 1.0}\n')
    grids = dict.fromkeys("ab", np.zeros((9, 9, 3), np.uint8))
    figure = draw(compare(["a", "b"]), grids)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    # Bars of what both have; the curve in the colour of its bar.
    assert titles == ["a", "b", "recall", "losses"]
    recall, losses = figure.axes[2:]
    assert [bar.get_width() for bar in recall.patches] == [1.0, 2.0]
    assert losses.lines[0].get_color() == "C1"


@pytest.mark.parametrize(
    "names, message",
    [
        (["a"], "at least two"),
        (["a", "a"], "at least two"),
        (["a", "dcgan-wn-dot"], f"did you mean one of {NAME}"),
        (["a", "dcgan-wn-untrained"], "has no weights"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    names, message, run, here, add_run
):
    add_run("a")
    refused(run("compare", *names), message)
    assert not (here / "compare.png").exists()


def test_without_matplotlib_there_is_the_table(run, add_run, monkeypatch):
    import sys

    add_run("a")
    add_run("b")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    result = run("compare", "a", "b")
    assert result.exit_code == 2
    assert "1,000" in result.stdout
    assert result.stderr.count("\n") == 1 and "pip install mat" in result.stderr


def test_the_budget_is_that_of_the_last_training(run, here, add_run):
    add_run("a")
    folder = add_run("b")
    origin = {
        "name": NAME,
        "weights": "1" * 64,
        "training": {**TRAINING, "steps": 500, "wall_time_s": 3600.0},
        "recipe": zoo.recipe(NAME).model_dump(mode="json"),
    }
    record = {**TRAINING, "began_from": origin}
    (folder / "training.json").write_text(json.dumps(record))
    result = run("compare", "a", "b", "--output", "both.png")
    assert result.exit_code == 0, result.output
    lines = {
        cells(line)[0]: line for line in result.stdout.splitlines() if line
    }
    assert lines["steps"].split() == ["steps", "1,000", "1,000"]
    assert lines["epochs"].split()[1:] == ["50.0", "50.0"]
    assert lines["fine-tuned from"].strip().endswith(f"{NAME} (500 steps)")
    assert lines["training"].count("1 h 02 min") == 2
