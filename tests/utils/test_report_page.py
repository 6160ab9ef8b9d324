"""A run on one page."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from kerasgan.utils import report_page

pytest.importorskip("matplotlib", reason="draws by matplotlib")

LINES = [
    {
        "step": 10,
        "seconds": 1.0,
        "steps_per_second": 9.0,
        "discriminator_loss": 1.5,
        "generator_loss": 0.5,
        "fid768": 7.25,
        "loss_health": 2,
    },
    {
        "step": 20,
        "seconds": 2.0,
        "steps_per_second": 11.0,
        "discriminator_loss": 1.25,
        "generator_loss": None,
        "loss_health": 0,
    },
]


@pytest.fixture
def folder(tmp_path):
    """A run directory without grids."""
    text = "".join(json.dumps(line) + "\n" for line in LINES)
    (tmp_path / "log.jsonl").write_text(text)
    return tmp_path


@pytest.fixture
def with_grids(folder):
    """That of ten grids of noise, which compresses worst."""
    (folder / "samples").mkdir()
    rng = np.random.default_rng(0)
    for step in range(10, 110, 10):
        noise = rng.integers(0, 256, (800, 900, 3), np.uint8)
        path = folder / "samples" / f"step_{step:07d}.png"
        Image.fromarray(noise).save(path)
    return folder


def rows(page):
    """The cells of all tables, by the first of a row."""
    found = re.findall("<tr>(.*?)</tr>", page)
    cells = [re.findall("<t[dh]>(.*?)</t[dh]>", row) for row in found]
    return {row[0]: row[1:] for row in cells}


@pytest.mark.integration
def test_the_page_has_the_numbers(folder):
    path = report_page.write_report(folder, title="a < b", summary="c & d")
    page = path.read_text()
    assert path == folder / "report.html"
    assert "<h1>a &lt; b</h1>" in page and "c &amp; d" in page
    found = rows(page)
    assert found["discriminator loss"] == [
        "1.25 (step 20)",
        "1.25 (step 20)",
        "1.5 (step 10)",
    ]
    # What was measured earlier, or is not a number any more, is said.
    assert found["fid768"][0] == "7.25 (step 10)"
    assert found["generator loss"] == [
        "not finite (step 20)",
        "0.5 (step 10)",
        "0.5 (step 10)",
    ]
    assert not {"step", "seconds", "loss health"} & set(found)
    assert "Losses at step 20: healthy." in page
    assert "evaluation" not in page


@pytest.mark.integration
def test_the_page_stands_alone_and_is_small(with_grids):
    folder = with_grids
    page = report_page.write_report(folder).read_text()
    assert len(page) < 3e6
    assert not re.findall('src="(?!data:)', page)
    steps = re.findall(r"<figcaption>step (\d+)</figcaption>", page)
    # The latest first, then the way to it.
    assert steps == ["100", "10", "20", "40", "50", "60", "70", "90"]
    curves, *grids = re.findall(r"data:image/(\w+);base64,([^\"]+)", page)
    assert base64.b64decode(curves[1]) == (folder / "report.png").read_bytes()
    for kind, data in grids:
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert (kind, image.format) == ("jpeg", "JPEG")
            assert image.size == (640, 569)


def test_the_evaluation_is_told(folder):
    metrics = [
        {"name": "kid_768", "value": 0.012345678, "protocol": {"samples": 50}}
    ]
    (folder / "metrics.json").write_text(json.dumps({"metrics": metrics}))
    page = report_page.write_report(folder).read_text()
    assert rows(page)["kid 768"] == ["0.01235", "samples 50"]


def test_a_run_without_grids(folder):
    assert "figcaption>" not in report_page.write_report(folder).read_text()


def test_a_run_without_a_line_has_no_report(tmp_path):
    with pytest.raises(ValueError, match="at least one line"):
        report_page.write_report(tmp_path)
    assert not list(tmp_path.iterdir())


def test_panels():
    figure = report_page.curves({"a": LINES})
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["losses", "fid768", "steps per second"]
    losses, fid, speed = figure.axes
    lines = {tuple(line.get_ydata()) for line in losses.lines}
    assert lines == {(1.5, 1.25), (0.5,)}
    assert list(fid.lines[0].get_xdata()) == [10]
    assert speed.get_ylim()[0] == 0


def test_runs_are_told_apart_by_colours():
    figure = report_page.curves({"a": LINES, "b": LINES[:1]})
    losses = figure.axes[0]
    looks = [(line.get_color(), line.get_linestyle()) for line in losses.lines]
    assert looks == [("C0", "-"), ("C0", "--"), ("C1", "-"), ("C1", "--")]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.texts] == ["a", "b"]


def test_legends_cover_no_curve():
    figure = report_page.curves({"a": LINES, "b": LINES})
    figure.canvas.draw()
    (runs,) = figure.legends
    for axes in figure.axes:
        box = axes.get_window_extent()
        legends = [runs] + ([axes.get_legend()] if axes.get_legend() else [])
        for legend in legends:
            assert not legend.get_window_extent().overlaps(box)
