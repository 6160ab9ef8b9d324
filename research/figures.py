"""What do the numbers of a research note look like?

Question: one figure for each note in `NOTES`, drawn from the tables of the note
itself, so that figure and table cannot differ; a test compares them.

    python research/figures.py
    python research/figures.py clipping sample_sizes

Result: `docs/images/NOTE.svg`, on white, so that light and dark pages show
it alike.
"""

import hashlib
import re
import sys
import textwrap
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 7.4  # inches; the text of the site is as wide
COLOURS = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#444444"
MARKERS = "osD^vP"
STYLE = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.prop_cycle": matplotlib.cycler(color=COLOURS, marker=list(MARKERS)),
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "lines.markersize": 5,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "kerasgan",
}
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?")


def tables(note):
    """Returns the tables of a note: each a list of rows of cells, the head first."""
    found, inside = [], False
    for line in (DOCS / "research" / f"{note}.md").read_text().splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        if not inside:
            found.append([])
        inside = True
        cells = [
            cell.strip().replace("`", "") for cell in line[1:-1].split("|")
        ]
        if not re.fullmatch(r"[|:\s-]+", line):
            found[-1].append(cells)
    return found


def numbers(cell):
    """Returns the numbers in a cell."""
    return [float(text.replace(",", "")) for text in NUMBER.findall(cell)]


def first(cell):
    """Returns the first number in a cell, or NaN."""
    return next(iter(numbers(cell)), np.nan)


def columns(rows, *picked):
    """Returns the first number of each row, of each of the columns."""
    return [[first(row[column]) for row in rows] for column in picked]


def figure(height, panels=1, **options):
    """Returns a figure of the page's width, and its panels."""
    drawn = Figure(figsize=(WIDTH, height), layout="constrained")
    return drawn, drawn.subplots(1, panels, squeeze=False, **options)[0]


def dots(axes, names, values, tolerance=None):
    """Draws values in rows of names, on a logarithmic axis; a name may repeat."""
    rows = list(dict.fromkeys(names))
    axes.plot(values, [rows.index(name) for name in names], "o")
    axes.set(xscale="log", yticks=range(len(rows)), yticklabels=rows)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    if tolerance:
        axes.axvline(tolerance, color=COLOURS[1], ls="--")
        axes.annotate(
            "the tests allow ",
            (tolerance, 1.0),
            xycoords=("data", "axes fraction"),
            color=COLOURS[1],
            ha="right",
            va="top",
        )


def bars(axes, groups, series):
    """Draws a horizontal bar for each group and series."""
    size = 0.8 / len(series)
    for at, (name, values) in enumerate(series.items()):
        places = np.arange(len(groups)) + (at - (len(series) - 1) / 2) * size
        axes.barh(places, values, size, label=name, color=COLOURS[at])
    axes.set_yticks(range(len(groups)), groups)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)


def backends_agree(table):
    drawn, (axes,) = figure(2.2)
    names = [f"{loss}: {norms}" for loss, norms, *_ in table[1:]]
    dots(axes, names, *columns(table[1:], 3), tolerance=1e-4)
    axes.set_xlabel("worst difference between TensorFlow and JAX")
    return drawn


def clipping(table):
    drawn, (axes,) = figure(2.6)
    for name, *norms in table[1:]:
        axes.plot(table[0][1:], list(map(float, norms)), label=name)
    axes.set(yscale="log", ylabel="mean gradient norm")
    axes.legend(loc="lower left")
    return drawn


def deep_discriminators(scales, penalties):
    drawn, panels = figure(2.7, 2, sharey=True)
    for scale, adam, *cells in scales[1:]:
        label = f"logit_scale {scale}, {adam}"
        panels[0].plot([200, 600, 1000], list(map(float, cells)), label=label)
    for loss, adam, *cells in penalties[1:]:
        errors, diversity = list(map(float, cells[:2])), cells[2]
        label = f"{loss}, {adam}: diversity {diversity}"
        panels[1].plot([500, 1000], errors, label=label)
    for axes in panels:
        axes.set_xlabel("steps")
        axes.legend(fontsize=7, loc="upper right")
    panels[0].set(ylabel="reconstruction error", ylim=(0.02, 0.055))
    return drawn


def equal_budgets(curves, results, _):
    drawn, panels = figure(2.4, 2)
    steps, *errors_and_strengths = columns(curves[1:], *range(len(curves[0])))
    names = [name for name, *_ in results[1:]]
    labels = "reconstruction error", "strength of the augmentation"
    for at, (axes, label) in enumerate(zip(panels, labels)):
        for name, values in zip(names, errors_and_strengths[at::2]):
            axes.plot(steps, values, label=name)
        axes.set(xlabel="steps", ylabel=label)
    panels[0].legend(loc="center right")
    return drawn


def export_formats(table):
    drawn, panels = figure(1.8, 2, sharey=True)
    names = [row[0] for row in table[1:]]
    for axes, column, title in zip(panels, (2, 3), ("one image", "16 images")):
        bars(axes, names, {title: columns(table[1:], column)[0]})
        axes.set_xlabel(f"ms for {title}")
    return drawn


def failing_generators(table):
    head, *rows = table
    shown = "FID-768", "SWD", "sample diversity", "reconstruction error"
    rows = [row for row in rows if row[0] in shown]
    drawn, panels = figure(1.7, len(rows), sharey=True)
    names = ["real", *(name.split(",")[0] for name in head[1:4])]
    for axes, (name, *cells) in zip(panels, rows):
        values = [first(cell) for cell in (cells[3], *cells[:3])]
        axes.barh(names, values, color=[COLOURS[i] for i in (5, 0, 1, 4)])
        axes.set_title(name)
        axes.grid(axis="y", visible=False)
    panels[0].invert_yaxis()
    return drawn


def agreement(table, height, left_out, tolerance, label):
    """Returns a figure of the worst differences in the column of numbers."""
    drawn, (axes,) = figure(height)
    names, values, group = [], [], ""
    for row in table[1:]:
        group = row[0] or group
        if not group.startswith(left_out):
            names += [group] * len(numbers(row[3]))
            values += numbers(row[3])
    dots(axes, names, values, tolerance=tolerance)
    axes.set_xlabel(label)
    return drawn


def layer_agreement(table):
    # Those are compared with themselves, by tolerances of their own.
    left_out = "all layers", "fold"
    label = "worst difference from the oracle"
    return agreement(table, 2.2, left_out, 1e-5, label)


def metric_agreement(table):
    # Those are of features in float32, and an absolute difference.
    left_out = "measure", "reconstruction"
    label = "worst relative difference from the reference package"
    return agreement(table, 2.6, left_out, 1e-6, label)


def normalization_cost(table):
    drawn, (axes,) = figure(3.3)
    names = [row[0] for row in table[1:]]
    for column, marker in zip((1, 2, 3), MARKERS):
        label = table[0][column]
        values = columns(table[1:], column)[0]
        axes.plot(values, range(len(names)), marker, label=label)
    axes.set(yticks=range(len(names)), yticklabels=names)
    axes.set_xlabel("processor time of a step, relative to none")
    axes.invert_yaxis()
    drawn.legend(loc="outside upper center")
    return drawn


def optimizers_by_normalization(table):
    drawn, (axes,) = figure(2.1)
    rows = [(*row[1].split(", ", 1), first(row[2])) for row in table[1:]]
    kinds = list(dict.fromkeys(row[0] for row in rows))
    for optimizer, marker in zip(sorted({row[1] for row in rows}), MARKERS):
        chosen = [row for row in rows if row[1] == optimizer]
        places = [kinds.index(kind) for kind, _, _ in chosen]
        axes.plot([row[2] for row in chosen], places, marker, label=optimizer)
    axes.set(yticks=range(len(kinds)), yticklabels=kinds)
    axes.set_ylim(len(kinds) - 0.5, -0.5)
    axes.set_xlabel("reconstruction error of all test faces")
    drawn.legend(loc="outside right center")
    return drawn


def path_lengths(lengths, errors):
    drawn, panels = figure(2.7, 2)
    for name, *_, values in lengths[1:]:
        label = " ".join(name.split(" ")[:2]).removesuffix(",")
        label = "with PathLength" if name.startswith("after") else label
        panels[0].plot([1, 33, 65, 128], numbers(values), label=label)
    panels[0].set(
        yscale="log", xlabel="singular value", xticks=[1, 33, 65, 128]
    )
    panels[0].set_title("Jacobian of the generator")
    for name, *cells in errors[1:]:
        values = [first(cell) for cell in cells]
        panels[1].plot([1000, 2000, 3000], values, label=name)
    panels[1].set(
        xlabel="steps", title="reconstruction error", xlim=(900, 5500)
    )
    panels[1].set_xticks([1000, 2000, 3000])
    for axes in panels:
        axes.legend(fontsize=7)
    return drawn


def reconstruction_error(table):
    drawn, panels = figure(2.3, 2, sharey=True)
    settings = [cell.split(", ") for cell in table[0][1:]]
    for axes, fixed in zip(panels, ((1, "0.01"), (0, "50"))):
        at, value = fixed
        chosen = [i for i, pair in enumerate(settings) if pair[at] == value]
        for name, *cells in table[1:]:
            x = [float(settings[i][1 - at]) for i in chosen]
            axes.plot(x, [float(cells[i]) for i in chosen], label=name)
    panels[0].set(xlabel="steps, at 0.01", ylabel="reconstruction error")
    panels[1].set_xlabel("learning rate, 50 steps")
    panels[0].legend()
    return drawn


def replicas(table, *_):
    drawn, (axes,) = figure(3.4)
    names, values = [], []
    for what, cell in table[1:]:
        names += [textwrap.fill(what, 58)] * len(numbers(cell))
        values += numbers(cell)
    dots(axes, names, values, tolerance=1e-5)
    axes.set_xlabel("greatest difference from one device")
    return drawn


def resnet21_from_scratch(curves, *_):
    drawn, panels = figure(2.2, 2)
    steps, *series = columns(curves[1:], *range(3))
    for axes, values, label in zip(panels, series, curves[0][1:]):
        axes.plot(steps, values)
        axes.set(xlabel="steps", ylabel=label, ylim=(0, 1.15 * max(values)))
    return drawn


def sample_sizes(table):
    drawn, panels = figure(2.3, 2)
    counts = columns(table[1:], 0)[0]
    for axes, column in zip(panels, (2, 3)):
        pairs = [numbers(row[column]) for row in table[1:]]
        means = [pair[0] for pair in pairs]
        spread = [pair[1] if pair[1:] else 0 for pair in pairs]
        axes.errorbar(counts, means, spread, capsize=3)
        axes.axhline(0, color=COLOURS[5], marker="", lw=0.8)
        axes.set(xscale="log", xlabel="images of each", title=table[0][column])
        axes.set_xticks(counts, [f"{count:,.0f}" for count in counts])
        axes.minorticks_off()
    return drawn


def serving_load(table, _):
    drawn, (axes,) = figure(2.3)
    direct, server = columns(table[1:], 2, 5)
    series = {"the SavedModel, one caller": direct, "kerasgan serve": server}
    bars(axes, [row[0] for row in table[1:]], series)
    axes.set_xlabel("images a second")
    axes.legend(loc="lower right")
    return drawn


def training_choices(table):
    studies = list(dict.fromkeys(row[0] for row in table[1:]))
    drawn = Figure(figsize=(WIDTH, 2.8), layout="constrained")
    panels = drawn.subplots(2, 3, sharex=True)
    for axes, study in zip(panels.flat, studies):
        rows = [row for row in table[1:] if row[0] == study]
        axes.plot([first(row[3]) for row in rows], range(len(rows)), "o")
        axes.set_yticks(range(len(rows)), [row[1] for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_title(study)
    drawn.supxlabel("reconstruction error of all test faces", fontsize=9)
    return drawn


NOTES = {
    f.__name__: f
    for f in (
        backends_agree,
        clipping,
        deep_discriminators,
        equal_budgets,
        export_formats,
        failing_generators,
        layer_agreement,
        metric_agreement,
        normalization_cost,
        optimizers_by_normalization,
        path_lengths,
        reconstruction_error,
        replicas,
        resnet21_from_scratch,
        sample_sizes,
        serving_load,
        training_choices,
    )
}


def digest(note):
    """Returns the digest of a note's tables, which its figure carries."""
    return hashlib.sha256(repr(tables(note)).encode()).hexdigest()


def main():
    with matplotlib.rc_context(STYLE):
        for note in sys.argv[1:] or NOTES:
            NOTES[note](*tables(note)).savefig(
                DOCS / "images" / f"{note}.svg",
                metadata={"Date": None, "Description": digest(note)},
            )


if __name__ == "__main__":
    main()
