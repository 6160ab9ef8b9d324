"""Time of a training step with each option of a GAN, relative to none.

In turns on one batch that is always there, so that a noisy machine treats all
alike. Prints the median over the rounds of milliseconds a step, and of the
ratio to `none` within a round, by the clock and by the processor's time (which
other programs disturb less). A round has 16 steps, one of which has the lazy
penalty.

    python benchmarks/gan_options.py
    KERAS_BACKEND=jax python benchmarks/gan_options.py --only "none;R1"
"""

import argparse
import os
import statistics

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from normalizations import Fit

from kerasgan import architectures, gans

STEPS = 16

# What is timed: the arguments of the GAN.
CONTESTANTS = {
    "none": {},
    "GradientPenalty": {"penalties": [gans.GradientPenalty()]},
    "DRAGAN": {"penalties": [gans.DRAGAN()]},
    "R1": {"penalties": [gans.R1()]},
    "R1, interval 16": {"penalties": [gans.R1(interval=16)]},
    "Orthonormal": {"penalties": [gans.Orthonormal()]},
    "PathLength": {"penalties": [gans.PathLength()]},
    "PathLength, interval 4": {"penalties": [gans.PathLength(interval=4)]},
    "DiffAugment": {"augmentation": gans.DiffAugment()},
    "AdaptiveAugment": {"augmentation": gans.AdaptiveAugment()},
    "simultaneous": {"update": "simultaneous"},
    "gradient_accumulation=2": {"gradient_accumulation": 2},
}


def build(args, options):
    """A compiled GAN."""
    keras.utils.set_random_seed(0)
    size = (args.image_size, args.image_size, 3)
    networks = architectures.dcgan(
        size, features=args.features, normalization="weight"
    )
    gan = gans.NonSaturatingGAN(*networks, **options)
    gan.compile(
        keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9),
        keras.optimizers.Adam(4e-4, beta_1=0.0, beta_2=0.9),
    )
    return gan


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--only", help="names of the table, separated by semicolons"
    )
    args = parser.parse_args()
    names = args.only.split(";") if args.only else list(CONTESTANTS)

    shape = (args.batch_size, args.image_size, args.image_size, 3)
    batch = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    fits = {name: Fit(build(args, CONTESTANTS[name]), batch) for name in names}
    for fit in fits.values():
        fit.run(2)
    times = {name: [] for name in fits}
    for _ in range(args.rounds):
        for name, fit in fits.items():
            times[name].append(fit.run(STEPS))
    print(f"{keras.backend.backend()}, {args}")
    print("| option | ms | relative | processor, ms | relative |")
    print("|---|---|---|---|---|")
    for name, pairs in times.items():
        cells = []
        for at in (0, 1):
            ratio = statistics.median(
                pair[at] / first[at]
                for pair, first in zip(pairs, times[names[0]])
            )
            cells.append(f"{statistics.median(p[at] for p in pairs):.0f}")
            cells.append(f"{ratio:.2f}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
