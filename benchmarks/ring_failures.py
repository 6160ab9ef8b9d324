"""What goes wrong in a GAN, provoked on the ring of eight Gaussians.

Runs that show one thing each: the losses, the mean logits and the samples along
the way, as a picture and as numbers.

    python benchmarks/ring_failures.py --picture docs/pictures/ring_failures.png
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import ring_runs as runs
from drawing import COLORS, GRAY, Canvas, chart, legend, scatter

MOMENTS = (500, 1000, 1500, 2000)

_FIVE = {"discriminator_steps": 5}

# What happens, why, the loss and its settings.
FAILURES = (
    (
        "vanishing gradients",
        "the discriminator is far ahead",
        "minimax",
        runs.Settings(generator_rate=1e-5, r1=None, options=_FIVE),
    ),
    (
        "its remedy",
        "the same settings, and R1",
        "minimax",
        runs.Settings(generator_rate=1e-5, r1=0.5, options=_FIVE),
    ),
    (
        "no vanishing gradients",
        "the first settings",
        "non_saturating",
        runs.Settings(generator_rate=1e-5, r1=None, options=_FIVE),
    ),
    (
        "mode collapse",
        "ten times the generator's learning rate",
        "non_saturating",
        runs.Settings(generator_rate=1e-4, r1=None, options=_FIVE),
    ),
    (
        "oscillation",
        "Adam's beta_1 is 0.5, not 0",
        "wasserstein_gp",
        runs.Settings(r1=None, options=_FIVE),
    ),
    (
        "a diverging critic",
        "no gradient penalty",
        "wasserstein_gp",
        runs.Settings(beta_1=0.0, r1=None, options={**_FIVE, "penalties": ()}),
    ),
)

CURVES = (
    (("discriminator_loss", COLORS[0]), ("generator_loss", COLORS[1])),
    (("real_logits", COLORS[2]), ("fake_logits", COLORS[3])),
)


def draw(found, path):
    """A row a failure: losses, mean logits, samples."""
    panel, width, height = 122, 220, 190
    canvas = Canvas(2 * width + 20 + 4 * (panel + 8), height * len(found) + 30)
    for row, (title, (snapshots, logs)) in enumerate(found.items()):
        top = 30 + row * height
        canvas.text((10, top - 12), title, 13, anchor="lm")
        for column, pair in enumerate(CURVES):
            left = 50 + column * width
            box = left, top, left + width - 62, top + panel
            steps = runs.EPOCH * np.arange(1, len(logs["real_logits"]) + 1)
            curves = [(steps, logs[name], color, 1.4) for name, color in pair]
            values = np.concatenate([logs[name] for name, _ in pair])
            margin = 0.06 * np.ptp(values)
            y_range = values.min() - margin, values.max() + margin
            chart(canvas, box, curves, y_range, (0, steps[-1]))
        for column, (points, moment) in enumerate(zip(snapshots, MOMENTS)):
            left = 2 * width + 16 + column * (panel + 8)
            box = left, top, left + panel, top + panel
            reach = runs.REACH * runs.DEVIATION
            scatter(canvas, box, points, runs.centers(), reach)
            middle = left + panel / 2
            words = f"step {moment:,}"
            canvas.text((middle, top + panel + 10), words, 11, GRAY)
    bottom = height * len(found) + 14
    names = (
        "discriminator's loss",
        "generator's loss",
        "mean logit of real points",
        "mean logit of generated points",
    )
    legend(canvas, (50, bottom), list(zip(names, COLORS)), apart=190)
    canvas.save(path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture")
    args = parser.parse_args()
    print(f"{keras.backend.backend()}, {args}")
    found = {}
    for what, why, loss, settings in FAILURES:
        gan = runs.build(loss, settings, args.seed)
        snapshots, logs, _ = runs.follow(gan, MOMENTS, args.seed, False)
        title = f"{loss}: {what} ({why})"
        found[title] = snapshots, logs
        print(f"\n{title}")
        every = 5
        for name, _ in (*CURVES[0], *CURVES[1]):
            values = " ".join(
                f"{v:.3g}" for v in logs[name][every - 1 :: every]
            )
            print(f"  {name}, every {every * runs.EPOCH} steps: {values}")
        for points, moment in zip(snapshots, MOMENTS):
            modes, good = runs.coverage(points)
            print(
                f"  step {moment}: {modes} modes, {good:.0%} good, "
                f"mean {points.mean(axis=0).round(2)}",
                flush=True,
            )
    if args.picture:
        draw(found, args.picture)


if __name__ == "__main__":
    main()
