"""Generators side by side: their numbers, samples and curves."""

import collections
import dataclasses

from kerasgan.evaluation.inputs import find_measured
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.formatting import duration, protocol_texts
from kerasgan.zoo.metric_names import name_in_words, scaled
from kerasgan.zoo.records import Metrics

SEED = 0
COLUMNS = 4
# What does not change a number: who measured it, why another number is missing,
# and what its images are called, where their fingerprint says which they are.
_NAMES = {"kerasgan", "memorized"}


@dataclasses.dataclass(frozen=True)
class Row:
    """Numbers of one metric by one protocol.

    Attributes:
        title: the metric's name in words, with `[1]` or the like where it was
            measured by another protocol than the row of that name above.
        values: subject -> `Measurement`, of those that have it, in the unit that
            the title names.
        note: how the protocol differs, or "".
    """

    title: str
    values: dict
    note: str


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What is known of some generators.

    Attributes:
        subjects: name as it was given -> `kerasgan.evaluation.inputs.Subject`.
        rows: a list of `Row`s, one a metric and protocol.
        notes: a list of lines that say what is not side by side, and why.
    """

    subjects: dict
    rows: list
    notes: list


def compare(names):
    """Put generators side by side; Keras is not imported for it.

    Two numbers are in one row only if both were measured by the same
    protocol: the same images, cut, counts, seeds, features, steps.

    Args:
        names: entries of the zoo, run directories, or folders of SavedModels,
            at least two different ones.

    Returns:
        A `Comparison`.

    Raises:
        ValueError: fewer than two, or as `kerasgan.evaluation.inputs.find_measured`.
    """
    names = list(dict.fromkeys(str(name) for name in names))
    if len(names) < 2:
        raise ValueError(
            "Expected at least two different entries, runs or SavedModels. "
            f"Received: {', '.join(names) or 'none'}"
        )
    subjects = {name: find_measured(name) for name in names}
    notes, measurements = [], {}
    for name, generator in subjects.items():
        measurements[name] = _measurements(name, generator, notes)
    rows = _rows(measurements)
    notes[:0] = [f"{row.title}: {row.note}" for row in rows if row.note]
    return Comparison(subjects, rows, notes)


def budget(comparison):
    """Returns what each generator took, as rows `(title, text, ...)` of a table.

    All numbers are those of the last training; what it was fine-tuned from has
    a row of its own.
    """
    records = [generator.training for generator in comparison.subjects.values()]

    def row(title, text):
        return (title, *("" if r is None else text(r) for r in records))

    def parent(r):
        before = r.began_from
        return f"{before.name} ({before.steps:,} steps)" if before else ""

    rows = [
        row("steps", lambda r: f"{r.steps:,}"),
        row("batch size", lambda r: f"{r.batch_size:,}"),
        row("training images", lambda r: f"{r.images:,}"),
        row(
            "epochs",
            lambda r: f"{r.steps * r.batch_size / r.images:.1f}",
        ),
        row("training", lambda r: duration(r.wall_time_s)),
        row("fine-tuned from", parent),
        row("hardware", lambda r: r.device),
    ]
    return [row for row in rows if any(row[1:])]


def samples(generator):
    """Returns a grid of 4x4 samples of the latents that all generators get."""
    from kerasgan import sampling
    from kerasgan.utils import image_grids

    images = sampling.sample(generator, COLUMNS * COLUMNS, seed=SEED)
    return image_grids.grid(images, COLUMNS)


def parameters(generator):
    """Returns the number of a generator's weights; None if unknown."""
    return generator.count_params() or None


def draw(comparison, grids):
    """Draw samples, numbers and curves into one image.

    Args:
        comparison: a `Comparison`.
        grids: name -> image of samples, uint8 `[H, W, 3]`.

    Returns:
        A `matplotlib.figure.Figure`, to be saved.
    """
    from matplotlib.figure import Figure

    from kerasgan.utils.curves import curve_rows, draw_curves

    bars = [row for row in comparison.rows if len(row.values) > 1]
    width = max(12.0, 3.0 * len(grids))
    heights = [0.4 + width / max(len(grids), 3)]
    if bars:
        bar_rows = -(-len(bars) // 3)
        heights.append(bar_rows * (0.7 + 0.25 * len(grids)))
    logs = _logs(comparison.subjects)
    if logs:
        heights.append(0.35 + 2.9 * curve_rows(logs))
    figure = Figure(figsize=(width, sum(heights)), layout="constrained")
    parts = iter(
        figure.subfigures(len(heights), height_ratios=heights, squeeze=False)[
            :, 0
        ]
    )
    _draw_grids(next(parts), grids)
    # A name has one colour in the whole image.
    colours = {name: f"C{i % 10}" for i, name in enumerate(grids)}
    if bars:
        _draw_bars(next(parts), bars, colours)
    if logs:
        draw_curves(next(parts), logs, colours)
    return figure


def _measurements(name, generator, notes):
    try:
        metrics = Metrics.load(generator.measured)
    except FileNotFoundError:
        notes.append(f"{name}: not measured yet (`kerasgan evaluate`)")
        return []
    if metrics.weights != generator.weights:
        notes.append(
            f"{name}: its {generator.measured.name} belongs to other weights"
        )
        return []
    return metrics.metrics


def _rows(by_name):
    """Returns a row for each metric and protocol; the commonest protocol first."""
    groups = collections.defaultdict(list)
    for name, measurements in by_name.items():
        for item in measurements:
            protocol = _protocol(item)
            for row in groups[item.name]:
                # One generator has one number in a row.
                if row[0] == protocol and name not in row[1]:
                    row[1][name] = scaled(item)
                    break
            else:
                groups[item.name].append((protocol, {name: scaled(item)}))
    rows, number = [], 0
    for title, group in groups.items():
        title = name_in_words(title)
        group.sort(key=lambda row: -len(row[1]))
        (first, values), *others = group
        rows.append(Row(title, values, ""))
        for protocol, values in others:
            number += 1
            note = _difference(protocol, first)
            rows.append(Row(f"{title} [{number}]", values, note))
    return rows


def _protocol(item):
    left_out = _NAMES | ({"data"} if "fingerprint" in item.protocol else set())
    return {k: v for k, v in item.protocol.items() if k not in left_out}


def _difference(protocol, first):
    protocol, first = protocol_texts(protocol), protocol_texts(first)
    parts = [
        f"{key.replace('_', ' ')} {protocol.get(key, 'none')} instead of "
        f"{first.get(key, 'none')}"
        for key in dict.fromkeys([*protocol, *first])
        if protocol.get(key) != first.get(key)
    ]
    return "; ".join(parts) or "measured twice"


def _logs(subjects):
    """Returns the lines of each log, by name, of those that have one."""
    logs = {
        name: read_log(generator.measured.parent / LOG)
        for name, generator in subjects.items()
    }
    return {name: lines for name, lines in logs.items() if lines}


def _draw_grids(figure, grids):
    # Few grids are drawn no larger than a third of the width.
    columns = max(len(grids), 3)
    for at, (name, grid) in enumerate(grids.items()):
        axes = figure.add_subplot(1, columns, at + 1)
        axes.imshow(grid)
        axes.set_title(_short(name), fontsize=10, loc="left")
        axes.axis("off")


def _short(name):
    """Returns a name that fits over a grid, the end of a long path."""
    return name if len(name) <= 32 else f"...{name[-30:]}"


def _draw_bars(figure, rows, colours):
    columns = 3
    for at, row in enumerate(rows):
        axes = figure.add_subplot(-(-len(rows) // columns), columns, at + 1)
        values = {name: item.value for name, item in row.values.items()}
        bars = axes.barh(
            [_short(name) for name in values],
            list(values.values()),
            color=[colours[name] for name in values],
        )
        axes.bar_label(bars, fmt="%.4g", fontsize=8, padding=2)
        axes.set_title(row.title, fontsize=10, loc="left")
        axes.invert_yaxis()
        axes.margins(x=0.2)
        axes.tick_params(labelsize=8)
