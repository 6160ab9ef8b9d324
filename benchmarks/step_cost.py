"""Time of a training step with each normalization or GAN option, against none.

The peer is the same step without. All train on one batch that is always there,
in processes of their own that take turns: about 1 GB of memory each. The ratios
by the processor's time are those that other programs disturb less.

    python benchmarks/step_cost.py normalizations --features 64
    python benchmarks/step_cost.py normalizations --architecture resnet --features 16,32,48
    python benchmarks/step_cost.py options --only "none;R1, interval 16;EMA"
    KERAS_BACKEND=jax python benchmarks/step_cost.py options --only "none;R1"
"""

import argparse
import os
import sys

import turns

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

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
# Arguments of the GAN: classes of `gans` by name, with theirs. A round has 16
# steps, one of which has the lazy penalty.
OPTIONS = {
    "none": {},
    "GradientPenalty": {"penalties": [("GradientPenalty", {})]},
    "DRAGAN": {"penalties": [("DRAGAN", {})]},
    "R1": {"penalties": [("R1", {})]},
    "R1, interval 16": {"penalties": [("R1", {"interval": 16})]},
    "R2, interval 16": {"penalties": [("R2", {"interval": 16})]},
    "R1 and R2, interval 16": {
        "penalties": [("R1", {"interval": 16}), ("R2", {"interval": 16})]
    },
    "Orthonormal": {"penalties": [("Orthonormal", {})]},
    "PathLength": {"penalties": [("PathLength", {})]},
    "PathLength, interval 4": {"penalties": [("PathLength", {"interval": 4})]},
    "DiffAugment": {"augmentation": ("DiffAugment", {})},
    "DiffAugment, color": {
        "augmentation": ("DiffAugment", {"policy": ["color"]})
    },
    "AdaptiveAugment": {"augmentation": ("AdaptiveAugment", {})},
    "EMA": {"ema_decay": 0.999},
    "simultaneous": {"update": "simultaneous"},
    "gradient_accumulation=2": {"gradient_accumulation": 2},
}
KINDS = {"normalizations": NORMALIZATIONS, "options": OPTIONS}


def run_of(args):
    """Returns the function of a number of steps that is timed."""
    import keras
    import numpy as np
    from step_time import repeated

    from kerasgan import architectures, gans

    row = KINDS[args.what][args.contestant]
    architecture, options = {"normalization": "weight"}, {}
    if args.what == "normalizations":
        architecture = row
    else:
        options = {
            name: [getattr(gans, kind)(**own) for kind, own in value]
            if name == "penalties"
            else getattr(gans, value[0])(**value[1])
            if name == "augmentation"
            else value
            for name, value in row.items()
        }
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
    gan = gans.NonSaturatingGAN(*networks, **{"ema_decay": None, **options})
    gan.compile(
        keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9),
        keras.optimizers.Adam(4e-4, beta_1=0.0, beta_2=0.9),
    )
    shape = (args.batch_size, *size)
    batch = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    data = repeated(batch)

    def run(steps):
        gan.fit(data, steps_per_epoch=steps, verbose=0, shuffle=False)

    return run


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=tuple(KINDS))
    parser.add_argument(
        "--architecture", choices=("dcgan", "resnet"), default="dcgan"
    )
    parser.add_argument(
        "--features", default="32", help="of a ResNet: one a level, a,b,c"
    )
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--steps", type=int, default=16, help="in a round")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="names of rows, with semicolons")
    parser.add_argument("--contestant", help=argparse.SUPPRESS)
    return parser


def compete(args):
    """Returns the times of the rows that were asked for."""
    names = args.only.split(";") if args.only else list(KINDS[args.what])
    unknown = set(names) - set(KINDS[args.what])
    if unknown:
        raise SystemExit(f"--only: no rows {sorted(unknown)} in {args.what}")
    command = [sys.executable, __file__, args.what]
    for option in ("architecture", "features", "image_size", "batch_size"):
        command.append(f"--{option.replace('_', '-')}={getattr(args, option)}")
    command.append(f"--precision={args.precision}")
    commands = {name: [*command, f"--contestant={name}"] for name in names}
    return turns.compete(commands, args.steps, args.rounds)


def main():
    args = parser().parse_args()
    if args.contestant:
        turns.answer(run_of(args))
        return
    times = compete(args)
    print(
        f"{args.architecture}, {args.features} features, batch {args.batch_size}, "
        f"{args.image_size} pixels, {args.precision}; {turns.machine()}\n"
    )
    print(turns.table(times, next(iter(times)), processor=True))


if __name__ == "__main__":
    main()
