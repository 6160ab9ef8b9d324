"""Writes the files of a study's results."""

import json

from kerasgan.study.drawing import draw
from kerasgan.study.results import as_json, markdown, protocol, rows
from kerasgan.utils import html_page
from kerasgan.utils.files import write_file
from kerasgan.utils.report_page import png

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
    write_file(output / "study.png", figure)
    path = output / "study.html"
    _write(path, _page(study, results, figure, command))
    return path


def _write(path, text):
    write_file(path, text)


def _page(study, results, figure, command):
    return html_page.page(
        study.title,
        study.question,
        html_page.table(*rows(study, results)),
        html_page.paragraph(text=protocol(study, results)),
        html_page.image(figure, "png", "The numbers of the table as bars"),
        html_page.section(
            "Samples",
            html_page.paragraph(
                text="The last samples of each cell, from the same latents."
            ),
            html_page.grids(map(_grid, results)),
        ),
        html_page.section("Command", html_page.preformatted(text=command)),
    )


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
        image = html_page.image(
            html_page.jpeg(paths[-1], _LONGEST),
            "jpeg",
            f"Samples of {result.cell.name}",
        )
    return html_page.figure(image=image, caption=text)
