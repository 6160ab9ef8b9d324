"""A run on one page: its curves and its sample grids."""

import base64
import html
import io
from pathlib import Path

from kerasgan.files import atomic_write

# The panels of the picture: title, what is drawn in it. What is logged beside
# these has a panel of its own.
PANELS = (
    ("losses", ("discriminator_loss", "generator_loss", "penalty")),
    ("mean logits", ("real_logits", "fake_logits")),
    (
        "health of samples",
        ("sample_diversity", "sample_duplicates", "memorized"),
    ),
)
# Of no interest as a curve.
_SILENT = {"step", "seconds", "loss_health"}
_GRIDS = 8

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto;
  padding: 0 1rem; color: #222; background: #fff; }}
img {{ max-width: 100%; height: auto; }}
figure {{ margin: 0; }}
figcaption {{ color: #666; font-size: 0.875rem; }}
.grids {{ display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); }}
table {{ border-collapse: collapse; }}
td, th {{ padding: 0.2rem 1rem 0.2rem 0; text-align: left;
  border-bottom: 1px solid #ddd; }}
td + td, th + th {{ text-align: right; font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{summary}</p>
<h2>Numbers</h2>
{numbers}
<h2>Curves</h2>
<img src="data:image/png;base64,{curves}" alt="The numbers in log.jsonl over the steps">
<h2>Samples</h2>
<p>Always the same latents.</p>
<div class="grids">
{grids}
</div>
</body>
</html>
"""


def curves(runs):
    """Draw the logs of one or several runs into one picture.

    Args:
        runs: name -> list of dictionaries with a `"step"`, as
            `kerasgan.callbacks.read_log` returns them.

    Returns:
        A `matplotlib.figure.Figure`, to be saved.

    Raises:
        ValueError: no run has a line.
    """
    from matplotlib.figure import Figure

    panels = _panels(runs)
    if not panels:
        raise ValueError(
            "Expected a log with at least one line. Received: "
            f"runs={list(runs)}"
        )
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(6.0 * columns, 3.2 * rows), layout="constrained")
    for at, (title, names) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, at + 1)
        axes.set_title(title, loc="left", fontsize=10)
        for number, (run, lines) in enumerate(runs.items()):
            for name, style in zip(names, ("-", "--", ":", "-.") * len(names)):
                points = [
                    (line["step"], line[name])
                    for line in lines
                    if line.get(name) is not None
                ]
                if not points:
                    continue
                label = run if len(names) == 1 else name.replace("_", " ")
                if len(runs) > 1 and len(names) > 1:
                    label = f"{run}: {label}"
                axes.plot(
                    *zip(*points),
                    style if len(runs) > 1 else "-",
                    # A single point is no line.
                    marker="o" if len(points) < 20 else None,
                    markersize=3,
                    linewidth=1.2,
                    color=f"C{number % 10}" if len(runs) > 1 else None,
                    label=label,
                )
        if len(names) > 1 or len(runs) > 1:
            axes.legend(fontsize=7, frameon=False)
        axes.set_xlabel("step", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.25)
    return figure


def save_figure(figure, path):
    """Write a figure as a PNG file, which appears only when it is complete."""
    with atomic_write(path) as file:
        file.write(_png(figure))


def write_report(folder, title=None, summary=""):
    """Write `report.html` and `report.png` of a run folder.

    The page holds its pictures itself. It has the last and the best value of
    each number in `log.jsonl`, their curves, and up to eight of the grids in
    `samples/`; the picture has the curves.

    Args:
        folder: the run folder.
        title: defaults to the folder's name.
        summary: a line of text below it.

    Returns:
        The path of the page.

    Raises:
        ValueError: `log.jsonl` is not there or has no line.
    """
    from kerasgan.callbacks.json_log import read_log

    folder = Path(folder)
    lines = read_log(folder / "log.jsonl")
    title = title or folder.resolve().name
    figure = curves({title: lines})
    save_figure(figure, folder / "report.png")
    page = _PAGE.format(
        title=html.escape(title),
        summary=html.escape(summary),
        numbers=_numbers(lines),
        curves=base64.b64encode(_png(figure)).decode(),
        grids="\n".join(_grids(folder / "samples")),
    )
    path = folder / "report.html"
    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write(page)
    return path


def _panels(runs):
    logged = dict.fromkeys(
        name
        for lines in runs.values()
        for line in lines
        for name, value in line.items()
        if name not in _SILENT and value is not None
    )
    found, taken = [], set()
    for title, names in PANELS:
        there = [name for name in names if name in logged]
        if there:
            found.append((title, there))
            taken.update(there)
    rest = [name for name in logged if name not in taken]
    return found + [(name.replace("_", " "), [name]) for name in rest]


def _numbers(lines):
    last = lines[-1]
    rows = []
    for name, value in last.items():
        if name in _SILENT:
            continue
        seen = [
            (line[name], line["step"])
            for line in lines
            if line.get(name) is not None
        ]
        least, most = min(seen, default=None), max(seen, default=None)
        rows.append(
            (name.replace("_", " "), _text(value), _at(least), _at(most))
        )
    head = f"at step {last['step']:,}", "least", "greatest"
    cells = [
        "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row)
        for tag, row in [("th", ("", *head)), *(("td", row) for row in rows)]
    ]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _at(pair):
    return "" if pair is None else f"{pair[0]:.4g} (step {pair[1]:,})"


def _text(value):
    return "not finite" if value is None else f"{value:.4g}"


def _grids(folder):
    paths = sorted(folder.glob("step_*.png"))
    # The first, the last, and some between.
    count = min(len(paths), _GRIDS)
    chosen = {
        paths[round(i * (len(paths) - 1) / max(count - 1, 1))]
        for i in range(count)
    }
    for path in sorted(chosen):
        data = base64.b64encode(path.read_bytes()).decode()
        step = int(path.stem.removeprefix("step_"))
        yield (
            f'<figure><img src="data:image/png;base64,{data}" '
            f'alt="Generated samples at step {step:,}">'
            f"<figcaption>step {step:,}</figcaption></figure>"
        )


def _png(figure):
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    return memory.getvalue()
