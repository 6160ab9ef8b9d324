"""Measures what the end of a `fit` costs, with and without tf.data's tuning.

An iterator that ends waits for tf.data's tuning thread, which sleeps up to a
minute. The data sets of `kerasgan.data` therefore switch it off. Each
contestant has a process of its own, and they take turns; times are of an epoch,
or of a `fit` with `steps_per_epoch` of an endless stream:

    python benchmarks/short_fits.py
    python benchmarks/short_fits.py --of fits
"""

import argparse
import sys

import turns


def run_of(args):
    """Returns the function of a number of epochs that is timed."""
    import numpy as np
    import tensorflow as tf

    from kerasgan import zoo
    from kerasgan.data import Batches
    from kerasgan.recipes import build

    recipe = zoo.recipe("dcgan-wn-celeba").override_all(
        [("features", 16), ("batch_size", 16), ("precision", "float32")]
    )
    gan = build.build_gan(recipe)
    pixels = np.random.default_rng(0).integers(
        0, 256, (16 * args.steps, *recipe.architecture.image_shape), np.uint8
    )
    batches = Batches(pixels, 16)
    endless = args.of == "fits"
    dataset = batches.stream() if endless else batches.epochs()
    if args.contestant == "tuned":
        options = tf.data.Options()
        options.autotune.enabled = True
        tuned = dataset.with_options(options)
        # By which `fit` knows data sets of kerasgan.
        tuned.real_shape = dataset.real_shape
        tuned.real_classes = dataset.real_classes
        dataset = tuned

    def run(count):
        if not endless:
            gan.fit(dataset, epochs=count, verbose=0)
            return
        for _ in range(count):
            gan.fit(dataset, steps_per_epoch=args.steps, verbose=0)

    return run


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--of", choices=("epochs", "fits"), default="epochs")
    parser.add_argument("--epochs", type=int, default=3, help="in a round")
    parser.add_argument("--steps", type=int, default=40, help="in an epoch")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--contestant", choices=("tuned", "untuned"), help=argparse.SUPPRESS
    )
    return parser


def main():
    args = parser().parse_args()
    if args.contestant:
        turns.answer(run_of(args), warm_up=1)
        return
    command = [sys.executable, __file__, f"--steps={args.steps}"]
    command += [f"--of={args.of}"]
    commands = {
        name: [*command, f"--contestant={name}"]
        for name in ("untuned", "tuned")
    }
    times = turns.compete(commands, args.epochs, args.rounds)
    print(f"{args.steps} steps an epoch; {turns.machine()}\n")
    print(turns.table(times, "tuned"))


if __name__ == "__main__":
    main()
