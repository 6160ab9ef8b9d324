"""Time of a training step, against a plain PyTorch loop and without data.

The contestants are the step of a DCGAN with strict weight normalization through
`fit` on prepared images, the same on one batch that is always there (the
difference is the time spent waiting for data), and the plain loop of
`pytorch_loop.py` with the same networks. Each has a process
of its own, and they take turns. PyTorch may live in an environment of its own:

    python benchmarks/step_time.py --precision mixed_bfloat16
    python benchmarks/step_time.py --features 64 --batch-size 64 --pytorch /venv/bin/python
"""

import argparse
import importlib.util
import os
import pathlib
import subprocess
import sys

import turns

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def repeated(batch):
    """One batch again and again, in the form that the backend likes."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        from kerasgan.utils.tf_data import untuned_options

        dataset = tf.data.Dataset.from_tensors(batch).repeat()
        return dataset.with_options(untuned_options())

    class Repeated(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, index):
            return batch

    return Repeated()


def recipe_of(args):
    """Returns a recipe of what the loop in PyTorch trains."""
    from kerasgan import zoo

    return zoo.recipe("dcgan-wn-celeba").override_all(
        [
            ("loss", "non_saturating"),
            ("penalties", None),
            ("augmentation", None),
            ("normalization", "weight"),
            ("features", args.features),
            ("batch_size", args.batch_size),
            ("precision", args.precision),
        ]
    )


def run_of(args, always_there):
    """Returns the function of a number of steps that is timed."""
    import numpy as np

    from kerasgan.data import Batches
    from kerasgan.recipes.build import build_gan

    recipe = recipe_of(args)
    gan = build_gan(recipe)
    # As `compile` sets it.
    gan.steps_per_execution = args.steps_per_execution
    pixels = np.random.default_rng(0).integers(
        0, 256, (4096, *recipe.architecture.image_shape), np.uint8
    )
    batches = Batches(pixels, args.batch_size)
    batch = batches.batch(0).astype("float32") / 127.5 - 1

    def run(steps):
        data = repeated(batch) if always_there else batches.stream()
        gan.fit(data, steps_per_epoch=steps, verbose=0, shuffle=False)

    return run


def pytorch(args):
    """Returns the command of the PyTorch loop; `None` without PyTorch."""
    python = args.pytorch
    if python is None:
        if importlib.util.find_spec("torch") is None:
            return None
        python = sys.executable
    elif subprocess.run([python, "-c", "import torch"]).returncode:
        raise SystemExit(f"No PyTorch in --pytorch {python}")
    precision = "bfloat16" if "bfloat16" in args.precision else "float32"
    return [
        python,
        str(pathlib.Path(__file__).with_name("pytorch_loop.py")),
        f"--features={args.features}",
        f"--batch-size={args.batch_size}",
        f"--precision={precision}",
        "--turns",
    ]


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        default="mixed_bfloat16",
    )
    parser.add_argument("--steps", type=int, default=30, help="in a round")
    parser.add_argument(
        "--steps-per-execution",
        type=int,
        default=1,
        help="of kerasgan; a divisor of --steps",
    )
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pytorch", help="the Python that has PyTorch")
    parser.add_argument(
        "--contestant", choices=("fit", "one"), help=argparse.SUPPRESS
    )
    return parser


def compete(args):
    """Returns the times of all contestants."""
    command = [sys.executable, __file__]
    for name in (
        "features",
        "batch_size",
        "precision",
        "steps_per_execution",
    ):
        command.append(f"--{name.replace('_', '-')}={getattr(args, name)}")
    commands = {
        "kerasgan": [*command, "--contestant=fit"],
        "kerasgan, one batch": [*command, "--contestant=one"],
    }
    loop = pytorch(args)
    if loop is None:
        print("PyTorch is not installed: no loop to compare with (--pytorch)")
    else:
        commands["PyTorch loop"] = loop
    return turns.compete(commands, args.steps, args.rounds)


def main():
    args = parser().parse_args()
    if args.steps % args.steps_per_execution:
        raise SystemExit("--steps must be a multiple of --steps-per-execution")
    if args.contestant:
        turns.answer(run_of(args, args.contestant == "one"))
        return
    times = compete(args)
    print(
        f"DCGAN, strict weight normalization, {args.features} features, batch {args.batch_size}, "
        f"{args.precision}; {turns.machine()}\n"
    )
    reference = "PyTorch loop" if "PyTorch loop" in times else "kerasgan"
    print(turns.table(times, reference))


if __name__ == "__main__":
    main()
