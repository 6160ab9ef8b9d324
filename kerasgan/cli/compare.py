"""`kerasgan compare`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import complete_name, output_file, print_table
from kerasgan.cli.quiet import import_keras


def command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME|RUN|SAVEDMODEL...",
            autocompletion=complete_name,
            help="Two or more models of the zoo, run directories, hf://USER/NAME, "
            "or folders of SavedModels.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="PNG file of samples, numbers and curves.",
        ),
    ] = Path("compare.png"),
):
    """Compare generators side by side: numbers, samples of one seed, curves.

    The numbers come from `kerasgan evaluate`. Numbers with different protocols
    get separate rows.
    """
    from kerasgan.evaluation.comparison import (
        budget,
        compare,
        draw,
        parameters,
        samples,
    )

    comparison = compare(names)
    output = output_file(output, ".png")
    import_keras()
    grids, sizes = {}, []
    for name, subject in comparison.subjects.items():
        generator = subject.load()
        grids[name] = samples(generator)
        size = parameters(generator)
        sizes.append("" if size is None else f"{size:,}")

    rows = [
        (row.title, *(_number(row.values.get(name)) for name in grids))
        for row in comparison.rows
    ]
    rows += [("generator's parameters", *sizes), *budget(comparison)]
    print_table(("", *grids), rows, right=range(1, 1 + len(grids)))
    if comparison.notes:
        print()
    for note in comparison.notes:
        print(note)

    from kerasgan.utils.report_page import save_figure

    save_figure(draw(comparison, grids), output)
    print(f"Wrote {output}")


def _number(measurement):
    return "" if measurement is None else f"{measurement.value:.5g}"
