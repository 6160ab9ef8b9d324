"""Time of a training step, beside a plain PyTorch loop and without data.

In turns, so that a noisy machine treats all alike: the step of a zoo recipe
through `fit` on prepared pictures, the same on one batch that is always there
(the difference is the time spent waiting for data), and, where PyTorch is
installed, the plain loop of `pytorch_loop.py`. Prints the median over the
rounds of each, and of the ratios within a round.

    python benchmarks/step_time.py --precision mixed_bfloat16
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from kerasgan import zoo
from kerasgan.data import Batches
from kerasgan.training.trainer import build_gan


class Fit:
    """Milliseconds a step of `fit` on the batches of a source."""

    def __init__(self, gan, source):
        self.gan, self.source = gan, source

    def run(self, steps):
        def fit(steps):
            self.gan.fit(
                self.source(), steps_per_epoch=steps, verbose=0, shuffle=False
            )

        fit(2)
        start = time.perf_counter()
        fit(steps)
        return (time.perf_counter() - start) / steps * 1e3


def repeated(batch):
    """One batch again and again, in the form that the backend likes."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.data.Dataset.from_tensors(batch).repeat()

    class Repeated(keras.utils.PyDataset):
        num_batches = None

        def __getitem__(self, index):
            return batch

    return Repeated()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--entry", default="dcgan-wn-celeba")
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        default="mixed_bfloat16",
    )
    parser.add_argument("--steps", type=int, default=30, help="in a round")
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()

    recipe = zoo.recipe(args.entry).override_all(
        [
            ("features", args.features),
            ("batch_size", args.batch_size),
            ("precision", args.precision),
        ]
    )
    gan = build_gan(recipe)
    pixels = np.random.default_rng(0).integers(
        0, 256, (4096, *recipe.architecture.image_shape), np.uint8
    )
    batches = Batches(pixels, args.batch_size)
    batch = batches.batch(0).astype("float32") / 127.5 - 1
    contestants = {
        "kerasgan": Fit(gan, batches.stream),
        "kerasgan, one batch": Fit(gan, lambda: repeated(batch)),
    }
    try:
        from pytorch_loop import Loop
    except ImportError:
        print("PyTorch is not installed: no loop to compare with")
    else:
        contestants["PyTorch loop"] = Loop(
            args.features,
            args.batch_size,
            "bfloat16" if "bfloat16" in args.precision else "float32",
        )

    times = {name: [] for name in contestants}
    for one in contestants.values():
        one.run(5)
    for _ in range(args.rounds):
        for name, one in contestants.items():
            times[name].append(one.run(args.steps))
    print(f"{recipe.name}, {args}")
    for name, values in times.items():
        ratio = statistics.median(
            a / b for a, b in zip(times["kerasgan"], values)
        )
        print(
            f"{name:20} {statistics.median(values):7.1f} ms a step "
            f"(from {min(values):.1f}), kerasgan / this: {ratio:.3f}"
        )


if __name__ == "__main__":
    main()
