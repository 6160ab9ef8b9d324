"""Time of a training step with each normalization or GAN option, against none.

The peer is the same step without. In turns on one batch that is always there,
so that a noisy machine treats all alike. Prints the medians over the rounds:
milliseconds a step, and the ratio to the first row within a round, by the clock
and by the processor's time (which other programs disturb less).

    python benchmarks/step_cost.py normalizations --features 64
    python benchmarks/step_cost.py normalizations --architecture resnet --features 16,32,48
    python benchmarks/step_cost.py options --batch-size 16 --steps 16
    KERAS_BACKEND=jax python benchmarks/step_cost.py options --only "none;R1"
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from step_time import repeated

from kerasgan import architectures, gans

_SPECTRAL = {"normalization": "spectral"}
# Arguments of the architecture.
NORMALIZATIONS = {
    "none": {"normalization": "none"},
    "batch": {"normalization": "batch"},
    "layer": {"normalization": "layer"},
    "weight": {"normalization": "weight"},
    "weight, ReLUs": {"normalization": "weight", "activation": "leaky_relu"},
    "weight-affine": {"normalization": "weight-affine"},
    "spectral": _SPECTRAL,
    "spectral, none": {**_SPECTRAL, "generator_normalization": "none"},
    "spectral, spectral": {**_SPECTRAL, "generator_normalization": "spectral"},
}
# Arguments of the GAN. A round has 16 steps, one of which has the lazy penalty.
OPTIONS = {
    "none": {},
    "GradientPenalty": {"penalties": [gans.GradientPenalty()]},
    "DRAGAN": {"penalties": [gans.DRAGAN()]},
    "R1": {"penalties": [gans.R1()]},
    "R1, interval 16": {"penalties": [gans.R1(interval=16)]},
    "Orthonormal": {"penalties": [gans.Orthonormal()]},
    "PathLength": {"penalties": [gans.PathLength()]},
    "PathLength, interval 4": {"penalties": [gans.PathLength(interval=4)]},
    "DiffAugment": {"augmentation": gans.DiffAugment()},
    "DiffAugment, color": {"augmentation": gans.DiffAugment(["color"])},
    "AdaptiveAugment": {"augmentation": gans.AdaptiveAugment()},
    "simultaneous": {"update": "simultaneous"},
    "gradient_accumulation=2": {"gradient_accumulation": 2},
}


def build(args, architecture, options):
    """A compiled GAN in the chosen precision."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(args.precision)
    features = tuple(int(n) for n in args.features.split(","))
    size = (args.image_size, args.image_size, 3)
    if args.architecture == "dcgan":
        networks = architectures.dcgan(
            size, features=features[0], **architecture
        )
    else:
        blocks = (1,) * len(features)
        networks = architectures.resnet(
            size, features=features, blocks=blocks, **architecture
        )
    keras.config.set_dtype_policy("float32")
    gan = gans.NonSaturatingGAN(*networks, **options)
    gan.compile(
        keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9),
        keras.optimizers.Adam(4e-4, beta_1=0.0, beta_2=0.9),
    )
    return gan


def measure(gan, data, steps):
    """Milliseconds a step, by the clock and of the processor."""

    def fit(steps):
        gan.fit(data, steps_per_epoch=steps, verbose=0, shuffle=False)

    fit(1)
    before = time.perf_counter(), time.process_time()
    fit(steps)
    after = time.perf_counter(), time.process_time()
    return [(b - a) / steps * 1e3 for a, b in zip(before, after)]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=("normalizations", "options"))
    parser.add_argument(
        "--architecture", choices=("dcgan", "resnet"), default="dcgan"
    )
    parser.add_argument(
        "--features", default="32", help="of a ResNet: one a level, a,b,c"
    )
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--steps", type=int, default=10, help="in a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", help="names of rows, with semicolons")
    args = parser.parse_args()

    weight = {"normalization": "weight"}
    contestants = (
        {name: (changes, {}) for name, changes in NORMALIZATIONS.items()}
        if args.what == "normalizations"
        else {name: (weight, options) for name, options in OPTIONS.items()}
    )
    names = args.only.split(";") if args.only else list(contestants)
    shape = (args.batch_size, args.image_size, args.image_size, 3)
    batch = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    built = {name: build(args, *contestants[name]) for name in names}
    data = {name: repeated(batch) for name in names}
    for name in names:
        measure(built[name], data[name], 2)
    times = {name: [] for name in names}
    for _ in range(args.rounds):
        for name in names:
            times[name].append(measure(built[name], data[name], args.steps))
    print(f"{keras.backend.backend()}, {args}")
    print("| | ms | relative | processor, ms | relative |")
    print("|---" * 5 + "|")
    for name, pairs in times.items():
        cells = []
        for at in (0, 1):
            ratios = [p[at] / q[at] for p, q in zip(pairs, times[names[0]])]
            cells.append(f"{statistics.median(p[at] for p in pairs):.0f}")
            cells.append(f"{statistics.median(ratios):.2f}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
