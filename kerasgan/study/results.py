"""The results of a study's cells so far."""

import collections
import dataclasses
import statistics

from kerasgan.callbacks.measures_table import MEASURED
from kerasgan.training.run_directory import Run, nothing_to_do
from kerasgan.utils.json_files import read_json
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.catalogue import RECIPE
from kerasgan.zoo.formatting import duration, table
from kerasgan.zoo.records import read_training

# States of a cell.
COMPLETE, DIVERGED, CRASHED = "complete", "diverged", "crashed"
PARTIAL, MISSING = "partial", "not trained"


@dataclasses.dataclass(frozen=True)
class Result:
    """A cell and its state.

    Attributes:
        cell: the `kerasgan.study.cells.Cell`.
        state: one of those above.
        reason: why it failed, or None.
        steps: done so far.
        seconds: of training so far.
        history: name of a number -> list of `[step, value]`; the value is None
            if it was not finite.
        values: name of a number -> the last of these, of a complete cell.
        record: the `TrainingRecord` of a complete cell, or None.
    """

    cell: object
    state: str
    reason: str | None
    steps: int
    seconds: float
    history: dict
    values: dict
    record: object

    @property
    def failed(self):
        """Whether its training ended early by itself."""
        return self.state in (DIVERGED, CRASHED)


def read_result(cell, measures):
    """Reads the `Result` of a cell from its run directory.

    Args:
        cell: a `Cell`.
        measures: names of measures of `kerasgan train`.
    """
    lines = read_log(cell.run / LOG)
    names = [MEASURED[name].number for name in measures]
    history = {
        name: [[line["step"], line[name]] for line in lines if name in line]
        for name in names
    }
    state, reason, record = _state(cell, lines)
    if state == COMPLETE:
        record = read_training(cell.run)
    return Result(
        cell=cell,
        state=state,
        reason=reason,
        steps=lines[-1]["step"] if lines else 0,
        seconds=lines[-1]["seconds"] if lines else 0.0,
        history=history,
        values={
            name: points[-1][1]
            for name, points in history.items()
            if points and points[-1][1] is not None and state == COMPLETE
        },
        record=record,
    )


def _state(cell, lines):
    if nothing_to_do(Run(cell.run), cell.steps) is not None:
        return COMPLETE, None, None
    if cell.failure.exists():
        failure = read_json(
            cell.failure, "delete it, and the cell is trained again"
        )
        return failure["state"], failure["reason"], None
    started = lines or (cell.run / RECIPE).exists()
    return (PARTIAL if started else MISSING), None, None


def seconds_left(results):
    """Returns cell's name -> estimated seconds left, None if not known.

    By the time per image of the cell itself, else of cells that differ in the
    seed, else of all that were begun.

    Args:
        results: a list of `Result`s.
    """
    rates = collections.defaultdict(list)
    for result in results:
        if result.steps:
            seen = result.cell.images * result.steps / result.cell.steps
            rate = result.seconds / seen
            for key in (result.cell.name, _group(result.cell), None):
                rates[key].append(rate)
    left = {}
    for result in results:
        cell = result.cell
        if result.failed or result.state == COMPLETE:
            left[cell.name] = 0.0
            continue
        known = rates[cell.name] or rates[_group(cell)] or rates[None]
        share = 1 - min(1, result.steps / cell.steps)
        left[cell.name] = (
            statistics.mean(known) * cell.images * share if known else None
        )
    return left


def _group(cell):
    return tuple(cell.labels.values())


@dataclasses.dataclass(frozen=True)
class Group:
    """Cells that differ in the seed.

    Attributes:
        labels: axis -> label.
        results: a list of their `Result`s.
    """

    labels: dict
    results: list

    def values(self, name):
        """Returns the values of a number, of complete cells."""
        return [r.values[name] for r in self.results if name in r.values]

    @property
    def failures(self):
        """The results of cells that failed."""
        return [result for result in self.results if result.failed]


def by_group(results):
    """Returns the `Group`s of some results, in their order."""
    groups = {}
    for result in results:
        groups.setdefault(_group(result.cell), []).append(result)
    return [Group(each[0].cell.labels, each) for each in groups.values()]


def mean_and_spread(values):
    """Returns `(mean, standard deviation)`; the latter None of one value."""
    spread = statistics.stdev(values) if len(values) > 1 else None
    return statistics.mean(values), spread


def rows(study, results):
    """Returns `(header, rows of texts)` of the table of a study."""
    numbers = [MEASURED[name].number for name in study.measure]
    header = [
        *study.grid,
        "steps",
        "seeds",
        "failed",
        *(name.replace("_", " ") for name in numbers),
    ]
    lines = []
    for group in by_group(results):
        complete = [r for r in group.results if r.state == COMPLETE]
        lines.append(
            [
                *group.labels.values(),
                f"{group.results[0].cell.steps:,}",
                f"{len(complete)} of {len(group.results)}",
                _failed(group.failures),
                *(_text(group.values(name)) for name in numbers),
            ]
        )
    return header, lines


def _failed(failures):
    return "; ".join(f"{r.state} at step {r.steps:,}" for r in failures)


def _text(values):
    if not values:
        return ""
    mean, spread = mean_and_spread(values)
    return f"{mean:.4g}" if spread is None else f"{mean:.4g} ± {spread:.2g}"


def markdown(study, results):
    """Returns the table of a study with its question and protocol."""
    parts = [
        f"# {study.title}",
        study.question,
        table(*rows(study, results)),
        protocol(study, results),
    ]
    return "\n\n".join(parts) + "\n"


def protocol(study, results):
    """Returns in one line how the numbers of a study were made."""
    training = results[0].cell.recipe.training
    count = study.measure_count or "the default number of"
    parts = [
        f"Numbers of the last step, measured on {count} samples or images; "
        "mean ± standard deviation over the complete seeds",
    ]
    budget = study.budget
    if budget.images:
        parts.append(
            f"each cell: {budget.images:,} images seen by the discriminator"
        )
    else:
        parts.append(f"each cell: {budget.steps:,} generator updates")
    parts.append(training.precision)
    records = [r.record for r in results if r.record is not None]
    if records:
        images = {f"{r.images:,} images of {r.data.source}" for r in records}
        parts += sorted(images)
        parts += sorted({r.device for r in records})
        parts += sorted(
            {f"kerasgan {r.kerasgan}, {r.backend}" for r in records}
        )
        total = sum(r.wall_time_s for r in records)
        parts.append(f"{len(records)} trainings, {duration(total)} in all")
    return "; ".join(parts) + "."


def as_json(study, results, command):
    """Returns `study.json` of a study: everything that is known, as a dictionary.

    Args:
        study: the `Study`.
        results: a list of `Result`s.
        command: the command line.
    """
    numbers = [MEASURED[name].number for name in study.measure]
    return {
        "study": study.model_dump(mode="json", exclude={"scales"}),
        "command": command,
        "cells": [
            {
                "name": r.cell.name,
                "labels": r.cell.labels,
                "seed": r.cell.seed,
                "state": r.state,
                "reason": r.reason,
                "steps": r.steps,
                "planned_steps": r.cell.steps,
                "images": r.cell.images,
                "recipe_sha256": r.cell.recipe.digest,
                "values": r.values,
                "history": r.history,
                "training": r.record and r.record.to_dict(),
            }
            for r in results
        ],
        "groups": [
            {
                "labels": group.labels,
                "seeds": len(group.results),
                "failed": len(group.failures),
                "numbers": {
                    name: {
                        "mean": mean_and_spread(values)[0],
                        "std": mean_and_spread(values)[1],
                        "seeds": len(values),
                    }
                    for name in numbers
                    if (values := group.values(name))
                },
            }
            for group in by_group(results)
        ],
    }
