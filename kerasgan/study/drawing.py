"""The figure of a study: groups of bars, a colour a method."""

from kerasgan.callbacks.measures_table import MEASURED
from kerasgan.study.results import by_group, mean_and_spread


def draw(study, results):
    """Draws the numbers of a study, a panel a measure.

    Along the figure are the labels of one axis of the grid; those of the others
    have a colour each. A bar is the mean over the seeds, its error bar the
    standard deviation, a dot a seed, and a cross a cell that failed.

    Args:
        study: a `Study`.
        results: a list of `Result`s.

    Returns:
        A `matplotlib.figure.Figure`, to be saved.
    """
    from matplotlib.figure import Figure

    along, groups = study.along, by_group(results)
    places = list(dict.fromkeys(group.labels[along] for group in groups))
    colours = _colours(dict.fromkeys(_name(g, along) for g in groups))
    rows = [MEASURED[name] for name in study.measure]
    width = min(20, max(7, 2 + 0.28 * len(places) * (len(colours) + 1)))
    figure = Figure(
        figsize=(width, 0.8 + 3.4 * len(rows)), layout="constrained"
    )
    for at, row in enumerate(rows):
        axes = figure.add_subplot(len(rows), 1, at + 1)
        for group in groups:
            name = _name(group, along)
            offset = ([*colours].index(name) + 0.5) / len(colours) - 0.5
            _draw_group(
                axes,
                group,
                row.number,
                places.index(group.labels[along]) + 0.8 * offset,
                0.8 / len(colours),
                colours[name],
            )
        _label(axes, row, along, places)
    _add_legend(figure, colours, any(group.failures for group in groups))
    return figure


def _colours(names):
    """Returns name -> colour."""
    from matplotlib import colormaps

    chosen = colormaps["tab10" if len(names) <= 10 else "tab20"]
    return {name: chosen(i % 20) for i, name in enumerate(names)}


def _label(axes, row, along, places):
    hint = {"min": " (lower is better)", "max": " (higher is better)"}
    axes.set_title(
        row.number.replace("_", " ") + hint.get(row.better, ""),
        loc="left",
        fontsize=10,
    )
    axes.set_xticks(range(len(places)), places)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.set_xlabel(along.replace("_", " "), fontsize=9)
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=9)


def _add_legend(figure, colours, failed):
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linewidth=6, color=colour, label=name)
        for name, colour in colours.items()
        if name
    ]
    if failed:
        handles.append(
            Line2D(
                [], [], linestyle="", marker="x", color="0.2", label="failed"
            )
        )
    if handles:
        figure.legend(
            handles=handles,
            loc="outside upper left",
            ncols=min(len(handles), 8),
            fontsize=9,
            frameon=False,
        )


def _name(group, along):
    return ", ".join(
        label for axis, label in group.labels.items() if axis != along
    )


def _draw_group(axes, group, number, x, width, colour):
    values = group.values(number)
    if values:
        mean, spread = mean_and_spread(values)
        axes.bar(
            x,
            mean,
            0.9 * width,
            color=colour,
            yerr=spread,
            capsize=3,
            error_kw={"linewidth": 1},
        )
    if len(values) > 1:
        axes.plot([x] * len(values), values, ".", color="0.2", markersize=4)
    if group.failures:
        # On the axis, where no value is.
        axes.plot(
            x,
            0.03,
            "x",
            color=colour,
            markeredgecolor="0.2" if values else colour,
            markersize=7,
            transform=axes.get_xaxis_transform(),
        )
        if len(group.failures) > 1:
            axes.annotate(
                str(len(group.failures)),
                (x, 0.06),
                xycoords=axes.get_xaxis_transform(),
                ha="center",
                fontsize=8,
            )
