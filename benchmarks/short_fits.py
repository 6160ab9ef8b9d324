"""Measures what the end of a `fit` costs, with and without tf.data's tuning.

An iterator that ends waits for tf.data's tuning thread, which sleeps up to a
minute. The data sets of `kerasgan.data` therefore switch it off. Each
contestant runs in a process of its own, in alternation:

    python benchmarks/short_fits.py
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def seconds(tuned, epochs, steps):
    """Returns the seconds of `fit` over `epochs` passes of `steps` batches."""
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
        0, 256, (16 * steps, *recipe.architecture.image_shape), np.uint8
    )
    dataset = Batches(pixels, 16).epochs()
    if tuned:
        options = tf.data.Options()
        options.autotune.enabled = True
        dataset = dataset.with_options(options)
    gan.fit(dataset, verbose=0)
    start = time.perf_counter()
    gan.fit(dataset, epochs=epochs, verbose=0)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--steps", type=int, default=75)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=("tuned", "untuned"))
    args = parser.parse_args()
    if args.one:
        print(seconds(args.one == "tuned", args.epochs, args.steps))
        return
    times = {"untuned": [], "tuned": []}
    for _ in range(args.rounds):
        for name, values in times.items():
            command = [sys.executable, __file__, f"--one={name}"]
            command += [f"--epochs={args.epochs}", f"--steps={args.steps}"]
            values.append(float(subprocess.check_output(command)))
    print(f"{args.epochs} epochs of {args.steps} steps")
    for name, values in times.items():
        print(f"{name}: {statistics.median(values):.1f} s {values}")
    ratios = [b / a for a, b in zip(*times.values())]
    print(f"tuned / untuned: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
