"""Does every loss cover a ring of eight Gaussians, and how do GANs fail on it?

Question: how many of the eight modes the samples of each class of
`kerasgan.gans.LOSSES` cover (at least 1% of 2,500 samples within three standard
deviations), and which share of the samples lies so near to any mode.

    python research/ring.py --images docs/images
    python research/ring.py --only hinge --seeds 0,1,2,3,4
    python research/ring.py --without-r1 --seeds 0,1,2
    python research/ring.py --failures --images docs/images

Result: the tables and images of `docs/research/losses_on_a_ring.md` and
`docs/research/gan_failures.md`. The
images are `ring.png` (samples at several steps), `ring_losses.png`, and
`ring_failures.png` of runs that provoke one failure each.
"""

import argparse
import dataclasses
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers
from matplotlib.figure import Figure

from kerasgan.gans import LOSSES, R1

MODES, RADIUS, DEVIATION = 8, 2.0, 0.05
# A sample is good within so many standard deviations of a mode's middle, and a
# mode is covered by that share of the samples.
REACH, SHARE, SAMPLES = 3.0, 0.01, 2500
LATENTS, UNITS, BATCH, EPOCH = 16, 128, 128, 50
DECAY = 0.99  # of the generator's moving average, which is judged
MOMENTS = 250, 500, 1000, 2000, 4000  # steps


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a loss is trained on the ring."""

    generator_rate: float = 1e-3
    beta_1: float = 0.5
    rmsprop: bool = False  # instead of Adam
    r1: float | None = 0.5
    options: dict = dataclasses.field(default_factory=dict)

    def optimizers(self):
        for rate in (self.generator_rate, 1e-3):
            if self.rmsprop:
                yield keras.optimizers.RMSprop(rate)
            else:
                yield keras.optimizers.Adam(rate, self.beta_1, 0.9)


SETTINGS = {
    "wasserstein": Settings(
        2e-3,
        rmsprop=True,
        r1=None,
        options={"clip": 0.2, "discriminator_steps": 3},
    ),
    "wasserstein_gp": Settings(
        beta_1=0.0, r1=None, options={"discriminator_steps": 5}
    ),
}
FIVE = {"discriminator_steps": 5}
NO_PENALTY = {**FIVE, "penalties": ()}
# What happens and why -> the loss and its settings.
FAILURES = {
    "vanishing gradients (the discriminator is far ahead)": (
        "minimax",
        Settings(1e-5, r1=None, options=FIVE),
    ),
    "its remedy (the same settings, and R1)": (
        "minimax",
        Settings(1e-5, options=FIVE),
    ),
    "no vanishing gradients (the first settings)": (
        "non_saturating",
        Settings(1e-5, r1=None, options=FIVE),
    ),
    "mode collapse (ten times the generator's learning rate)": (
        "non_saturating",
        Settings(1e-4, r1=None, options=FIVE),
    ),
    "oscillation (Adam's beta_1 is 0.5, not 0)": (
        "wasserstein_gp",
        Settings(r1=None, options=FIVE),
    ),
    "a diverging critic (no gradient penalty)": (
        "wasserstein_gp",
        Settings(beta_1=0.0, r1=None, options=NO_PENALTY),
    ),
}
# Both losses if the discriminator cannot tell; None where any is as good.
CONSTANTS = {
    "minimax": (np.log(4), -np.log(2)),
    "non_saturating": (np.log(4), np.log(2)),
    "least_squares": (1 / 4, 1 / 8),
    "wasserstein": (0, None),
    "wasserstein_gp": (0, None),
    "hinge": (2, None),
    "relativistic": (np.log(4), np.log(4)),
    "relativistic_pairing": (np.log(2), np.log(2)),
}
LOGS = "discriminator_loss", "generator_loss", "real_logits", "fake_logits"


def centers():
    """The middles of the modes, `[8, 2]`."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def ring(count, seed=0):
    """Points of the eight Gaussians, float32 `[count, 2]`."""
    rng = np.random.default_rng(seed)
    middles = centers()[rng.integers(MODES, size=count)]
    points = middles + DEVIATION * rng.standard_normal((count, 2))
    return points.astype("float32")


def build(loss, settings, seed):
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [
            keras.Input((LATENTS,)),
            layers.Dense(UNITS, activation="relu"),
            layers.Dense(UNITS, activation="relu"),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(UNITS),
            layers.LeakyReLU(0.2),
            layers.Dense(UNITS),
            layers.LeakyReLU(0.2),
            layers.Dense(1),
        ]
    )
    options = dict(settings.options)
    if settings.r1 is not None:
        options["penalties"] = [R1(settings.r1)]
    gan = LOSSES[loss](
        generator, discriminator, ema_decay=DECAY, seed=seed, **options
    )
    gan.compile(*settings.optimizers(), steps_per_execution=EPOCH)
    return gan


def follow(gan, moments, seed, averaged=True):
    """Train to each of the moments, multiples of 50 steps.

    Returns:
        The samples at each moment, the logs (name -> means over 50 steps), and
        the processor's seconds.
    """
    generator = gan.ema_generator if averaged else gan.generator
    size = BATCH * gan.discriminator_steps
    snapshots, logs, begin = [], {}, time.process_time()
    for before, moment in zip((0, *moments), moments):
        history = gan.fit(
            ring(EPOCH * size, seed),
            batch_size=size,
            epochs=(moment - before) // EPOCH,
            verbose=0,
        ).history
        for name, values in history.items():
            logs.setdefault(name, []).extend(values)
        snapshots.append(samples(generator))
    return snapshots, logs, time.process_time() - begin


def samples(generator):
    """Generated points `[2500, 2]`, always of the same latents."""
    rng = np.random.default_rng(1)
    latents = rng.standard_normal((SAMPLES, LATENTS)).astype("float32")
    return np.asarray(generator(latents))


def distances(points):
    return np.linalg.norm(points[:, None] - centers(), axis=2)


def coverage(points):
    """`(modes covered, share of good samples)` of points `[N, 2]`."""
    apart = distances(points)
    good = apart.min(axis=1) < REACH * DEVIATION
    counts = np.bincount(apart.argmin(axis=1)[good], minlength=MODES)
    return int((counts >= SHARE * len(points)).sum()), float(good.mean())


def draw_points(axes, points, words):
    good = distances(points).min(axis=1) < REACH * DEVIATION
    for part, color in ((points[~good], "C1"), (points[good], "C0")):
        axes.scatter(*part.T, s=2, alpha=0.35, color=color, linewidths=0)
    axes.set(xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), xticks=(), yticks=())
    axes.set_aspect("equal")
    axes.set_xlabel(words, fontsize=8)


def draw_logs(axes, logs, names):
    for name in names:
        steps = EPOCH * np.arange(1, len(logs[name]) + 1)
        label = name.replace("_", " ")
        axes.plot(steps, logs[name], lw=1.2, label=label)
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.25)


def draw_samples(found):
    """A row a loss and one of data, a column a moment."""
    rows = [*found.items(), ("data", ([ring(SAMPLES)], None))]
    size = 1.6 * len(MOMENTS), 1.7 * len(rows)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(len(rows), len(MOMENTS))
    for axes in panels[-1, 1:]:
        axes.set_axis_off()
    for line, (name, (snapshots, _)) in zip(panels, rows):
        line[0].set_ylabel(name, fontsize=9)
        for axes, points, moment in zip(line, snapshots, MOMENTS):
            modes, good = coverage(points)
            step = "" if name == "data" else f"step {moment:,}: "
            draw_points(axes, points, f"{step}{modes} modes, {good:.0%}")
    return figure


def draw_losses(found):
    figure = Figure(figsize=(11, 2.1 * -(-len(found) // 4)))
    figure.set_layout_engine("constrained")
    panels = figure.subplots(-(-len(found) // 4), 4, squeeze=False).flat
    for axes, (loss, (_, logs)) in zip(panels, found.items()):
        draw_logs(axes, logs, LOGS[:2])
        for level in CONSTANTS[loss]:
            if level is not None:
                axes.axhline(level, color="0.5", lw=0.8, ls="--")
        axes.set_title(loss, fontsize=9)
    panels[0].legend(fontsize=7, frameon=False)
    return figure


def draw_failures(found, moments):
    figure = Figure(figsize=(12, 2.3 * len(found)), layout="constrained")
    rows = figure.subfigures(len(found), 1)
    for row, (title, (snapshots, logs)) in zip(rows, found.items()):
        row.suptitle(title, x=0.01, ha="left", fontsize=9)
        line = row.subplots(1, 2 + len(moments))
        for axes, names in zip(line, (LOGS[:2], LOGS[2:])):
            draw_logs(axes, logs, names)
            axes.legend(fontsize=6, frameon=False)
        for axes, points, moment in zip(line[2:], snapshots, moments):
            draw_points(axes, points, f"step {moment:,}")
    return figure


def fail(images):
    """Run `FAILURES`, print numbers along the way, and draw them."""
    moments, found = (500, 1000, 1500, 2000), {}
    for what, (loss, settings) in FAILURES.items():
        gan = build(loss, settings, 0)
        snapshots, logs, _ = follow(gan, moments, 0, averaged=False)
        found[f"{loss}: {what}"] = snapshots, logs
        print(f"\n{loss}: {what}")
        for name in LOGS:
            values = " ".join(f"{value:.3g}" for value in logs[name][4::5])
            print(f"  {name}, every 250 steps: {values}")
        for points, moment in zip(snapshots, moments):
            modes, good = coverage(points)
            print(f"  step {moment}: {modes} modes, {good:.0%} good")
    if images:
        figure = draw_failures(found, moments)
        figure.savefig(images / "ring_failures.png", dpi=100)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", default=",".join(LOSSES), help="with commas")
    parser.add_argument("--seeds", default="0", help="with commas")
    parser.add_argument("--without-r1", action="store_true")
    parser.add_argument("--failures", action="store_true")
    parser.add_argument("--images", type=Path, help="a folder")
    args = parser.parse_args()
    if args.failures:
        return fail(args.images)
    print(f"{keras.backend.backend()}, {args}")
    header = "loss", "seed", "modes", "good", "without the average"
    header += "discriminator's loss", "generator's loss", "processor, s"
    print(f"| {' | '.join(header)} |")
    print("|---" * len(header) + "|")
    found = {}
    for loss in args.only.split(","):
        settings = SETTINGS.get(loss, Settings())
        if args.without_r1:
            settings = dataclasses.replace(settings, r1=None)
        for seed in map(int, args.seeds.split(",")):
            gan = build(loss, settings, seed)
            snapshots, logs, seconds = follow(gan, MOMENTS, seed)
            found.setdefault(loss, (snapshots, logs))
            modes, good = coverage(snapshots[-1])
            _, bare = coverage(samples(gan.generator))
            cells = loss, seed, modes, f"{good:.0%}", f"{bare:.0%}"
            cells += (*(f"{np.mean(logs[n][-20:]):.3f}" for n in LOGS[:2]),)
            cells += (f"{seconds:.0f}",)
            print(f"| {' | '.join(map(str, cells))} |", flush=True)
    if args.images:
        draw_samples(found).savefig(args.images / "ring.png", dpi=100)
        draw_losses(found).savefig(args.images / "ring_losses.png", dpi=100)
    return None


if __name__ == "__main__":
    main()
