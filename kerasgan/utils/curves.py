"""The curves of the logs of runs, as one image."""

# The panels of the plot: title, what is drawn in it. What is logged besides
# these has a separate panel.
PANELS = (
    (
        "losses",
        (
            "discriminator_loss",
            "generator_loss",
            "penalty",
            "generator_penalty",
        ),
    ),
    ("mean logits", ("real_logits", "fake_logits")),
    (
        "health of samples",
        ("sample_diversity", "sample_duplicates", "memorized"),
    ),
)
_SPEED = "steps_per_second"
# Of no interest as a curve.
SILENT = {"step", "seconds", "loss_health", "learning_rate_factor"}
_STYLES = ("-", "--", ":", "-.")


def curves(runs):
    """Draw the logs of one or several runs into one image.

    Args:
        runs: name -> list of dictionaries with a `"step"`, as
            `kerasgan.callbacks.read_log` returns them.

    Returns:
        A `matplotlib.figure.Figure`, to be saved.

    Raises:
        ValueError: no run has a line.
    """
    from matplotlib.figure import Figure

    height = 0.35 * (len(runs) > 1) + 2.9 * curve_rows(runs)
    figure = Figure(figsize=(12.0, height), layout="constrained")
    draw_curves(figure, runs)
    return figure


def curve_rows(runs):
    """Returns the number of rows of panels that the logs of some runs take."""
    return -(-len(_panels(runs)) // 2)


def draw_curves(figure, runs, colours=None):
    """Draw what `curves` draws into a figure or a part of one.

    Args:
        figure: a `matplotlib.figure.Figure` or `SubFigure`.
        runs: as of `curves`.
        colours: name of a run -> colour, if there are several or if it
            must have that one; None for ten colours in turn.

    Raises:
        ValueError: no run has a line.
    """
    panels = _panels(runs)
    if not panels:
        raise ValueError(
            "Expected a log with at least one line. Received: "
            f"runs={list(runs)}"
        )
    several = len(runs) > 1 or colours is not None
    if several and colours is None:
        colours = {name: f"C{i % 10}" for i, name in enumerate(runs)}
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    for at, (title, names) in enumerate(panels):
        axes = figure.add_subplot(rows, columns, at + 1)
        axes.set_title(title, loc="left", fontsize=10)
        # Colours tell runs apart if there are several, and else numbers.
        for run, lines in runs.items():
            for j, name in enumerate(names):
                _draw(
                    axes,
                    lines,
                    name,
                    color=colours[run] if several else f"C{j % 10}",
                    linestyle=_STYLES[j % len(_STYLES)] if several else "-",
                )
        if len(names) > 1:
            _name_lines(axes, names, several)
        axes.set_xlabel("step", fontsize=8)
        axes.xaxis.set_major_formatter(lambda step, _: f"{step:,.0f}")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.tick_params(labelsize=8)
        axes.grid(alpha=0.25)
        axes.set_xlim(left=0)
        if names == [_SPEED]:
            axes.set_ylim(bottom=0)
        else:
            axes.ticklabel_format(axis="y", useOffset=False)
    if several:
        _name_runs(figure, {run: colours[run] for run in runs})


def _draw(axes, lines, name, **look):
    points = [
        (line["step"], line[name])
        for line in lines
        if line.get(name) is not None
    ]
    if points:
        # A single point is no line.
        few = {"marker": "o", "markersize": 3} if len(points) < 20 else {}
        axes.plot(*zip(*points), linewidth=1.2, **few, **look)


def _name_lines(axes, names, several):
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [],
            [],
            linewidth=1.2,
            color="0.3" if several else f"C{j % 10}",
            linestyle=_STYLES[j % len(_STYLES)] if several else "-",
            label=name.replace("_", " "),
        )
        for j, name in enumerate(names)
    ]
    # Next to the title, where no curve is.
    axes.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=len(handles),
        fontsize=8,
        frameon=False,
        borderaxespad=0.2,
    )


def _name_runs(figure, colours):
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linewidth=2, color=colour, label=run)
        for run, colour in colours.items()
    ]
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=min(len(handles), 5),
        fontsize=9,
        frameon=False,
    )


def _panels(runs):
    logged = dict.fromkeys(
        name
        for lines in runs.values()
        for line in lines
        for name, value in line.items()
        if name not in SILENT and value is not None
    )
    panels, taken = [], set()
    for title, names in PANELS:
        there = [name for name in names if name in logged]
        if there:
            panels.append((title, there))
            taken.update(there)
    rest = [name for name in logged if name not in taken]
    # Of the machine and not of the networks.
    rest.sort(key=lambda name: name == _SPEED)
    return panels + [(name.replace("_", " "), [name]) for name in rest]
