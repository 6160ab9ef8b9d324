"""A run on one page: its curves and its sample grids."""

import io
from pathlib import Path

from kerasgan.utils import html_page
from kerasgan.utils.curves import SILENT, curves
from kerasgan.utils.files import write_file
from kerasgan.utils.json_files import read_json
from kerasgan.utils.run_log import LOSS_HEALTH, read_log

_GRIDS = 8


def save_figure(figure, path):
    """Write a figure as a PNG file, which appears only when it is complete."""
    write_file(path, png(figure))


def write_report(folder, title=None, summary=""):
    """Write `report.html` and `report.png` of a run directory.

    The page holds its images itself. It has the last, the least and the
    greatest value of each number in `log.jsonl`, the content of `metrics.json`,
    the curves, and up to eight of the grids in `samples/`, as JPEG; the image
    has the curves.

    Args:
        folder: the run directory.
        title: defaults to the folder's name.
        summary: a line of text below it.

    Returns:
        The path of the page.

    Raises:
        ValueError: `log.jsonl` is not there or has no line.
    """
    folder = Path(folder)
    lines = read_log(folder / "log.jsonl")
    title = title or folder.resolve().name
    curve = png(curves({title: lines}))
    write_file(folder / "report.png", curve)
    page = html_page.page(
        title,
        summary,
        html_page.section(
            "Numbers in the log", *_health(lines), _numbers(lines)
        ),
        *_measured(folder / "metrics.json"),
        html_page.section(
            "Curves",
            html_page.image(
                curve, "png", "The numbers in log.jsonl over the steps"
            ),
        ),
        html_page.section(
            "Samples",
            html_page.paragraph(
                text="Always the same latents; the latest first."
            ),
            html_page.grids(_grids(folder / "samples"), latest=True),
        ),
    )
    path = folder / "report.html"
    write_file(path, page)
    return path


def _numbers(lines):
    names = dict.fromkeys(name for line in lines for name in line)
    rows = []
    for name in names:
        if name in SILENT:
            continue
        seen = [(line[name], line["step"]) for line in lines if name in line]
        finite = [pair for pair in seen if pair[0] is not None]
        rows.append(
            (
                name.replace("_", " "),
                _at(seen[-1]),
                _at(min(finite, default=None)),
                _at(max(finite, default=None)),
            )
        )
    return html_page.table(("", "last", "least", "greatest"), rows)


def _health(lines):
    """Yields the last state that `LossHealth` logged, in words."""
    for line in reversed(lines):
        if line.get("loss_health") is not None:
            state = LOSS_HEALTH[int(line["loss_health"])]
            text = f"Losses at step {line['step']:,}: {state}."
            yield html_page.paragraph(text=text)
            return


def _measured(path):
    """Yields a section of a `metrics.json`, or nothing."""
    try:
        metrics = read_json(path, "rerun kerasgan evaluate")["metrics"]
    except FileNotFoundError:
        return
    rows = [
        (
            item["name"].replace("_", " "),
            f"{item['value']:.4g}",
            ", ".join(f"{k} {v}" for k, v in item["protocol"].items()),
        )
        for item in metrics
    ]
    table = html_page.table(("", "value", "protocol"), rows)
    yield html_page.section("Numbers of the evaluation", table)


def _at(pair):
    if pair is None:
        return ""
    value = "not finite" if pair[0] is None else f"{pair[0]:.4g}"
    return f"{value} (step {pair[1]:,})"


def _grids(folder):
    paths = sorted(folder.glob("step_*.png"))
    # The first, the last, and some between.
    count = min(len(paths), _GRIDS)
    chosen = {
        paths[round(i * (len(paths) - 1) / max(count - 1, 1))]
        for i in range(count)
    }
    latest, *before = sorted(chosen, reverse=True) or [None]
    for path in [latest, *reversed(before)] if latest else ():
        step = int(path.stem.removeprefix("step_"))
        yield html_page.figure(
            image=html_page.image(
                html_page.jpeg(path),
                "jpeg",
                f"Generated samples at step {step:,}",
            ),
            caption=f"step {step:,}",
        )


def png(figure):
    """Returns a figure of matplotlib as a PNG file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    return memory.getvalue()
