"""Time of a training step with each normalization, relative to none.

In turns on one batch that is always there, so that a noisy machine treats all
alike. Prints a table of the medians over the rounds: milliseconds a step, and
the ratio to `none` within a round, by the clock and by the processor's time
(which other programs disturb less).

    python benchmarks/normalizations.py --features 64
    python benchmarks/normalizations.py --architecture resnet --features 16,32,48
    KERAS_BACKEND=jax python benchmarks/normalizations.py
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from step_time import repeated

from kerasgan import architectures
from kerasgan.gans import NonSaturatingGAN

# What is timed: the arguments of the architecture.
CONTESTANTS = {
    "none": {"normalization": "none"},
    "batch": {"normalization": "batch"},
    "layer": {"normalization": "layer"},
    "weight": {"normalization": "weight"},
    "weight, ReLUs": {"normalization": "weight", "activation": "leaky_relu"},
    "weight-affine": {"normalization": "weight-affine"},
    "spectral": {"normalization": "spectral"},
    "spectral, none": {
        "normalization": "spectral",
        "generator_normalization": "none",
    },
    "spectral, spectral": {
        "normalization": "spectral",
        "generator_normalization": "spectral",
    },
}


def build(args, options):
    """A compiled GAN under the chosen precision."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(args.precision)
    features = [int(n) for n in args.features.split(",")]
    size = (args.image_size, args.image_size, 3)
    if args.architecture == "dcgan":
        networks = architectures.dcgan(size, features=features[0], **options)
    else:
        blocks = (args.blocks,) * len(features)
        networks = architectures.resnet(
            size, features=tuple(features), blocks=blocks, **options
        )
    keras.config.set_dtype_policy("float32")
    gan = NonSaturatingGAN(*networks)
    gan.compile(
        keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9),
        keras.optimizers.Adam(4e-4, beta_1=0.0, beta_2=0.9),
    )
    return gan


class Fit:
    """Milliseconds a step, by the clock and of the processor."""

    def __init__(self, gan, batch):
        self.gan, self.data = gan, repeated(batch)

    def run(self, steps):
        self._fit(1)
        before = time.perf_counter(), time.process_time()
        self._fit(steps)
        after = time.perf_counter(), time.process_time()
        return [(b - a) / steps * 1e3 for a, b in zip(before, after)]

    def _fit(self, steps):
        self.gan.fit(self.data, steps_per_epoch=steps, verbose=0, shuffle=False)


def median(pairs, at):
    return statistics.median(pair[at] for pair in pairs)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--architecture", choices=("dcgan", "resnet"), default="dcgan"
    )
    parser.add_argument(
        "--features", default="64", help="of a ResNet: one a level, a,b,c"
    )
    parser.add_argument("--blocks", type=int, default=1, help="a level")
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        default="mixed_bfloat16",
    )
    parser.add_argument("--steps", type=int, default=10, help="in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--only", help="names of the table, separated by semicolons"
    )
    args = parser.parse_args()
    names = args.only.split(";") if args.only else list(CONTESTANTS)

    shape = (args.batch_size, args.image_size, args.image_size, 3)
    batch = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    runs = {name: Fit(build(args, CONTESTANTS[name]), batch) for name in names}
    for one in runs.values():
        one.run(3)
    times = {name: [] for name in runs}
    for _ in range(args.rounds):
        for name, one in runs.items():
            times[name].append(one.run(args.steps))
    print(f"{keras.backend.backend()}, {args}")
    print("| normalization | ms | relative | processor, ms | relative |")
    print("|---|---|---|---|---|")
    for name, pairs in times.items():
        ratios = [
            [a / b for a, b in zip(pair, first)]
            for pair, first in zip(pairs, times[names[0]])
        ]
        print(
            f"| {name} | {median(pairs, 0):.0f} | {median(ratios, 0):.2f} "
            f"| {median(pairs, 1):.0f} | {median(ratios, 1):.2f} |"
        )


if __name__ == "__main__":
    main()
