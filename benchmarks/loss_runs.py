"""Sample grids and loss curves of runs side by side, for docs/losses.md.

    python benchmarks/loss_runs.py runs/losses/minimax runs/losses/hinge ... \\
        --grids docs/pictures/faces.png --curves docs/pictures/faces_losses.png

Generated pictures only.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from kerasgan.utils.report_page import save_figure
from kerasgan.utils.run_log import read_log
from kerasgan.zoo import Recipe

# Of a grid of 8 x 8 pictures with a border of 2 pixels, the upper left.
CORNER = 4


def grids(runs):
    columns = 4
    rows = -(-len(runs) // columns)
    figure = Figure(figsize=(2.75 * columns, 3 * rows), layout="constrained")
    for at, (run, recipe) in enumerate(runs.items()):
        path = sorted((run / "samples").glob("step_*.png"))[-1]
        picture = np.asarray(Image.open(path))
        size = recipe.data.image_size
        side = CORNER * (size + 2) + 2
        axes = figure.add_subplot(rows, columns, at + 1)
        axes.imshow(picture[:side, :side], interpolation="lanczos")
        axes.set_axis_off()
        axes.set_title(_title(recipe), fontsize=10)
    return figure


def curves(runs):
    columns = 4
    rows = -(-len(runs) // columns)
    figure = Figure(figsize=(3.4 * columns, 2.6 * rows), layout="constrained")
    for at, (run, recipe) in enumerate(runs.items()):
        lines = read_log(run / "log.jsonl")
        axes = figure.add_subplot(rows, columns, at + 1)
        steps = [line["step"] for line in lines]
        for name in ("discriminator_loss", "generator_loss", "penalty"):
            if name in lines[0]:
                label = name.removesuffix("_loss")
                axes.plot(
                    steps, [line[name] for line in lines], label=label, lw=1.2
                )
        axes.set_title(_title(recipe), fontsize=9)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.25)
        axes.legend(fontsize=7, frameon=False)
    return figure


def _title(recipe):
    architecture = recipe.architecture
    return f"{recipe.training.loss} ({architecture.normalization})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--grids", type=Path)
    parser.add_argument("--curves", type=Path)
    arguments = parser.parse_args()
    runs = {run: Recipe.load(run / "recipe.yaml") for run in arguments.runs}
    if arguments.grids:
        save_figure(grids(runs), arguments.grids)
        # A quarter of the size, and the eye sees no difference.
        few = Image.open(arguments.grids).convert("RGB").quantize(128)
        few.save(arguments.grids, optimize=True)
    if arguments.curves:
        save_figure(curves(runs), arguments.curves)


if __name__ == "__main__":
    main()
