"""A run on one page: its curves and its sample grids."""

import base64
import html
import importlib.resources
import io
import json
import string
from pathlib import Path

from kerasgan.utils.curves import SILENT, curves
from kerasgan.utils.files import atomic_write
from kerasgan.utils.run_log import LOSS_HEALTH, read_log

_GRIDS = 8
# Pixels of a grid in the page: 64 images of 64x64 and their margins fit.
_LONGEST = 640


def save_figure(figure, path):
    """Write a figure as a PNG file, which appears only when it is complete."""
    with atomic_write(path) as file:
        file.write(png(figure))


def render_page(title, summary, content):
    """Returns a self-contained page.

    Args:
        title: text of its heading.
        summary: a line of text below it.
        content: HTML of what follows.
    """
    template = importlib.resources.files(__package__) / "report_page.html"
    return string.Template(template.read_text(encoding="utf-8")).substitute(
        title=html.escape(title),
        summary=html.escape(summary),
        content=content,
    )


def html_image(content, kind, alt):
    """Returns an image tag with the bytes of a `png` or `jpeg` file."""
    data = base64.b64encode(content).decode()
    return (
        f'<img src="data:image/{kind};base64,{data}" alt="{html.escape(alt)}">'
    )


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
    with atomic_write(folder / "report.png") as file:
        file.write(curve)
    grids = "\n".join(_grids(folder / "samples"))
    page = render_page(
        title,
        summary,
        f"""\
<h2>Numbers in the log</h2>
{_numbers(lines)}
{_measured(folder / "metrics.json")}
<h2>Curves</h2>
{html_image(curve, "png", "The numbers in log.jsonl over the steps")}
<h2>Samples</h2>
<p>Always the same latents; the latest first.</p>
<div class="grids latest">
{grids}
</div>""",
    )
    path = folder / "report.html"
    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write(page)
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
    return _health(lines) + html_table(("", "last", "least", "greatest"), rows)


def _health(lines):
    """Returns the last state that `LossHealth` logged, in words."""
    for line in reversed(lines):
        if line.get("loss_health") is not None:
            state = LOSS_HEALTH[int(line["loss_health"])]
            return f"<p>Losses at step {line['step']:,}: {state}.</p>\n"
    return ""


def _measured(path):
    """Returns a table of a `metrics.json`, or nothing."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    except FileNotFoundError:
        return ""
    rows = [
        (
            item["name"].replace("_", " "),
            f"{item['value']:.4g}",
            ", ".join(f"{k} {v}" for k, v in item["protocol"].items()),
        )
        for item in found
    ]
    table = html_table(("", "value", "protocol"), rows)
    return f"<h2>Numbers of the evaluation</h2>\n{table}"


def html_table(header, rows):
    """Returns a table of texts."""
    cells = [
        "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
        for tag, row in [("th", header), *(("td", row) for row in rows)]
    ]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


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
        image = html_image(
            jpeg(path), "jpeg", f"Generated samples at step {step:,}"
        )
        yield (
            f"<figure>{image}<figcaption>step {step:,}</figcaption></figure>"
        )


def jpeg(path, longest=_LONGEST):
    """Returns an image as JPEG, a tenth of the PNG.

    Args:
        path: of its file.
        longest: pixels that its longer side has at most.
    """
    from PIL import Image

    memory = io.BytesIO()
    with Image.open(path) as picture:
        picture = picture.convert("RGB")
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        picture.save(memory, "JPEG", quality=88)
    return memory.getvalue()


def png(figure):
    """Returns a figure of matplotlib as a PNG file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    return memory.getvalue()
