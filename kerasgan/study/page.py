"""Writes the files of a study's results."""

import html
import json

from kerasgan.study.drawing import draw
from kerasgan.study.results import as_json, markdown, protocol, rows
from kerasgan.utils.files import atomic_write
from kerasgan.utils.report_page import (
    html_image,
    html_table,
    jpeg,
    png,
    render_page,
)

# Pixels of a cell's sample grid in the page.
_LONGEST = 320


def write_results(study, results, output, command):
    """Writes `study.json`, `study.md`, `study.png` and `study.html`.

    Args:
        study: a `Study`.
        results: a list of `kerasgan.study.results.Result`s.
        output: `pathlib.Path` of the study's folder.
        command: the command line that trains it.

    Returns:
        The path of the page.
    """
    content = json.dumps(as_json(study, results, command), indent=2)
    _write(output / "study.json", content + "\n")
    _write(output / "study.md", markdown(study, results))
    figure = png(draw(study, results))
    with atomic_write(output / "study.png") as file:
        file.write(figure)
    path = output / "study.html"
    _write(path, _page(study, results, figure, command))
    return path


def _write(path, text):
    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write(text)


def _page(study, results, figure, command):
    grids = "\n".join(_grid(result) for result in results)
    header, lines = rows(study, results)
    content = f"""\
{html_table(header, lines)}
<p>{html.escape(protocol(study, results))}</p>
{html_image(figure, "png", "The numbers of the table as bars")}
<h2>Samples</h2>
<p>The last ones of each cell, of the same latents.</p>
<div class="grids">
{grids}
</div>
<h2>Command</h2>
<pre>{html.escape(command)}</pre>"""
    return render_page(study.title, study.question, content)


def _grid(result):
    text = f"{result.cell.name}: {result.state}"
    if result.state != "not trained":
        text += f", step {result.steps:,}"
    text += f", {result.reason}" if result.reason else ""
    text += "".join(
        f", {name.replace('_', ' ')} {value:.4g}"
        for name, value in result.values.items()
    )
    paths = sorted((result.cell.run / "samples").glob("step_*.png"))
    image = ""
    if paths:
        image = html_image(
            jpeg(paths[-1], _LONGEST), "jpeg", f"Samples of {result.cell.name}"
        )
    return (
        f"<figure>{image}<figcaption>{html.escape(text)}</figcaption></figure>"
    )
