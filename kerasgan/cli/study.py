"""`kerasgan study`."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import (
    ARGUMENTS,
    DataDir,
    print_table,
    recorded_command,
)
from kerasgan.utils.source_kinds import SOURCES


def command(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The study: a YAML file with a title, a question, a recipe, a "
            "grid of values, seeds, a budget and measures.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Folder of the run directories and results. Default: "
            "runs/studies/FILE, and -SCALE.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            "-d",
            metavar="SOURCE",
            help=f"Images: {SOURCES}. Default: the study's or the recipe's.",
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Train at another scale of the file, such as its full width.",
            show_default=False,
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="AXIS=LABEL,...",
            help="Train only these cells, such as method=SN,WN or seed=0; "
            "wildcards are allowed. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, help="Trainings at the same time.")
    ] = 1,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the plan and train nothing."),
    ] = False,
    status: Annotated[
        bool,
        typer.Option("--status", help="Print what has been trained so far."),
    ] = False,
    data_dir: DataDir = None,
):
    """Train and compare a grid of recipes: table, figure and page.

    Each cell is a run directory. The same command continues after any
    interruption; SIGTERM and Ctrl-C keep everything. A cell that diverges is
    shown as failed.
    """
    from kerasgan.study.cells import base_recipe, choose, plan_cells
    from kerasgan.study.specification import load_study

    study = load_study(file, scale)
    if output is None:
        name = file.stem if scale is None else f"{file.stem}-{scale}"
        output = Path("runs") / "studies" / name
    recipe = base_recipe(study, file, data)
    cells = plan_cells(study, recipe, output, data_dir)
    chosen = choose(cells, study, only or ())
    if dry_run or status:
        _print_state(study, cells if status else chosen, chosen, status)
        return
    _train(
        study,
        recipe,
        cells,
        chosen,
        jobs,
        data_dir,
        recorded_command(context.meta[ARGUMENTS]),
    )


def _results(study, cells, chosen):
    """Returns the results of the chosen cells and of all that were started."""
    from kerasgan.study.results import MISSING, read_result

    names = {cell.name for cell in chosen}
    results = [read_result(cell, study.measure) for cell in cells]
    return [r for r in results if r.cell.name in names or r.state != MISSING]


def _print_state(study, cells, chosen, running):
    """Prints the cells, how far they are, and how long they will take."""
    from kerasgan.callbacks.measures_table import MEASURED
    from kerasgan.study.results import seconds_left
    from kerasgan.study.scheduler import is_training
    from kerasgan.zoo.formatting import duration

    results = _results(study, cells, chosen)
    left = seconds_left(results)
    numbers = [MEASURED[name].number for name in study.measure]
    rows = []
    for result in results:
        cell = result.cell
        state = result.state
        if running and is_training(cell):
            state = "training"
        seconds = left[cell.name]
        rows.append(
            (
                cell.name,
                state,
                f"{result.steps:,} of {cell.steps:,}",
                f"{cell.images:,}",
                "unknown" if seconds is None else duration(seconds),
                *(
                    f"{result.values[name]:.4g}"
                    if name in result.values
                    else ""
                    for name in numbers
                ),
            )
        )
    header = ("cell", "state", "steps", "images", "time left", *numbers)
    print_table(header, rows, right=range(2, len(header)))
    known = [seconds for seconds in left.values() if seconds is not None]
    total = duration(sum(known)) if known else "unknown"
    if len(known) < len(left):
        total = "unknown until a cell has started"
    print(f"{len(results)} cells; time left, one after another: {total}")


def _train(study, recipe, cells, chosen, jobs, data_dir, words):
    from kerasgan.study.result_files import write_results
    from kerasgan.study.results import CRASHED
    from kerasgan.study.scheduler import Scheduler
    from kerasgan.zoo.catalogue import RECIPE

    output = cells[0].output
    _check(study, recipe, chosen, data_dir)
    output.mkdir(parents=True, exist_ok=True)
    recipe.save(output / RECIPE)

    def write():
        shown = _results(study, cells, chosen)
        return write_results(study, shown, output, words), shown

    scheduler = Scheduler(chosen, jobs, _say, write)
    finished = scheduler.run()
    page, shown = write()
    if not finished:
        print(f"Stopped; continue with the same command ({output})")
        raise typer.Exit(130)
    print(f"Wrote {page}")
    crashed = [r.cell for r in shown if r.state == CRASHED]
    if crashed:
        print(
            f"kerasgan: error: {len(crashed)} cells crashed, which the same "
            f"command tries again: see {crashed[0].messages}",
            file=sys.stderr,
        )
        raise typer.Exit(1)


def _check(study, recipe, chosen, data_dir):
    """Rejects images and measures before the first process is started."""
    from kerasgan.training.diagnostics import Diagnostics
    from kerasgan.training.plan import Plan, check
    from kerasgan.training.run_directory import Run

    cell = chosen[0]
    check(
        Plan(
            cell.recipe,
            recipe.data.source,
            Run(cell.run.with_name(f".{cell.name}")),
            data_dir=data_dir,
            log_every=1,
            diagnostics=Diagnostics(
                measure=tuple(study.measure),
                every=cell.steps // study.measurements,
                data=study.measured_source(recipe),
                split=study.measure_split,
                count=study.measure_count,
            ),
        )
    )


def _say(text):
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", flush=True)
