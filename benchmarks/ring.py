"""Every loss on a ring of eight Gaussians: modes covered, and pictures.

Trains each class of `kerasgan.gans.LOSSES` with the settings of `ring_runs.py`
and prints how many of the eight modes the samples of its generator's moving
average cover (at least 1% of 2,500 samples within three standard deviations),
the share of samples that lie so near to any mode, the same share of the
generator itself, both losses (means over the last 1,000 steps), and the seconds
of the processor that training took. The pictures are `ring.png`, samples at
several steps, and `ring_losses.png`.

    python benchmarks/ring.py --pictures docs/pictures
    python benchmarks/ring.py --only hinge --seeds 0,1,2,3,4
    KERAS_BACKEND=jax python benchmarks/ring.py --seeds 0,1
    python benchmarks/ring.py --without-r1 --seeds 0,1,2
"""

import argparse
import dataclasses
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import ring_runs as runs
from drawing import COLORS, GRAY, Canvas, chart, legend, scatter

from kerasgan.gans import LOSSES

# Steps after which the samples are drawn.
MOMENTS = (250, 500, 1000, 2000, runs.STEPS)
PANEL, GAP = 132, 6


def draw_samples(found, path):
    """A column a loss, a row a moment; the data beside the last row."""
    left, top, row = 84, 30, PANEL + 24
    width = left + (len(found) + 1) * (PANEL + GAP)
    canvas = Canvas(width, top + len(MOMENTS) * row)

    def panel(column, line, points, words):
        x, y = left + column * (PANEL + GAP), top + line * row
        box = x, y, x + PANEL, y + PANEL
        reach = runs.REACH * runs.DEVIATION
        scatter(canvas, box, points, runs.centers(), reach)
        middle = x + PANEL / 2
        canvas.text((middle, y + PANEL + 10), words, 11, GRAY)

    for line, moment in enumerate(MOMENTS):
        middle = top + line * row + PANEL / 2
        canvas.text((left - 10, middle), f"step {moment:,}", 12, anchor="rm")
    for column, (loss, (_, snapshots, _)) in enumerate(found.items()):
        middle = left + column * (PANEL + GAP) + PANEL / 2
        canvas.text((middle, 15), loss, 13)
        for line, points in enumerate(snapshots):
            modes, good = runs.coverage(points)
            panel(column, line, points, f"{modes} modes, {good:.0%}")
    canvas.text((width - GAP - PANEL / 2, top + row * line - 15), "data", 13)
    data = runs.ring(runs.SAMPLES)
    panel(len(found), line, data, f"{runs.coverage(data)[1]:.0%}")
    canvas.save(path)


def draw_losses(found, path):
    """A chart a loss: both losses, and what they are in a stalemate."""
    columns, width, height = 4, 262, 196
    rows = -(-(len(found) + 1) // columns)
    canvas = Canvas(columns * width + 12, rows * height)
    for i, (loss, (gan, _, logs)) in enumerate(found.items()):
        left, top = i % columns * width + 44, i // columns * height + 26
        box = left, top, left + width - 54, top + height - 68
        names = "discriminator_loss", "generator_loss"
        curves, values = [], []
        for name, color in zip(names, COLORS):
            steps = runs.EPOCH * np.arange(1, len(logs[name]) + 1)
            curves.append((steps, logs[name], color, 1.4))
            values.extend(logs[name])
        levels = [level for level in runs.stalemate(gan) if level is not None]
        low, high = np.percentile(values, [1, 99])
        low, high = min(low, *levels), max(high, *levels)
        margin = 0.08 * (high - low)
        y_range = low - margin, high + margin
        x_range = 0, runs.STEPS
        chart(canvas, box, curves, y_range, x_range, levels, "step")
        canvas.text(((box[0] + box[2]) / 2, top - 12), loss, 13)
    left, top = (i + 1) % columns * width + 44, (i + 1) // columns * height + 60
    entries = [
        ("discriminator's loss", COLORS[0]),
        ("generator's loss", COLORS[1]),
        ("where D cannot tell (dashed)", GRAY),
    ]
    legend(canvas, (left, top), entries)
    canvas.save(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", help="losses, separated by commas")
    parser.add_argument("--seeds", default="0", help="separated by commas")
    parser.add_argument(
        "--without-r1", action="store_true", help="leave R1 away"
    )
    parser.add_argument(
        "--pictures", help="a folder for those of the first seed"
    )
    args = parser.parse_args()
    losses = args.only.split(",") if args.only else list(LOSSES)
    seeds = [int(seed) for seed in args.seeds.split(",")]

    print(f"{keras.backend.backend()}, {args}")
    print(
        "| loss | seed | modes | good samples | without the average "
        "| discriminator's loss | generator's loss | processor, s |"
    )
    print("|---" * 8 + "|")
    found = {}
    for loss in losses:
        settings = runs.SETTINGS.get(loss, runs.Settings())
        if args.without_r1:
            settings = dataclasses.replace(settings, r1=None)
        for seed in seeds:
            gan = runs.build(loss, settings, seed)
            snapshots, logs, seconds = runs.follow(gan, MOMENTS, seed)
            found.setdefault(loss, (gan, snapshots, logs))
            modes, good = runs.coverage(snapshots[-1])
            _, bare = runs.coverage(runs.samples(gan.generator))
            cells = [f"`{loss}`", seed, modes, f"{good:.0%}", f"{bare:.0%}"]
            for name in ("discriminator_loss", "generator_loss"):
                cells.append(f"{np.mean(logs[name][-20:]):.3f}")
            cells.append(f"{seconds:.0f}")
            print(f"| {' | '.join(map(str, cells))} |", flush=True)
    if args.pictures:
        folder = pathlib.Path(args.pictures)
        draw_samples(found, folder / "ring.png")
        draw_losses(found, folder / "ring_losses.png")


if __name__ == "__main__":
    main()
