"""Step time and peak memory against batch, image size, features, number of images.

Each row is a process of its own that trains a weight-normalized DCGAN. GFLOP
are those of a step's products: a forward pass of the generator counts four
times (once for the discriminator's update, once and twice for its own), one of
the discriminator on a batch eight times. The share is that of the rate at
which this processor multiplies large matrices, measured in the same process.
Memory is the process's own at its peak, looked at every 5 ms: pages of the
images that are mapped from a file are not counted.

    python benchmarks/growth.py
    python benchmarks/growth.py --precision mixed_bfloat16
    KERAS_BACKEND=jax python benchmarks/growth.py --steps 5
"""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import turns

BASE = {"image_size": 64, "features": 32, "batch_size": 32, "images": 4096}
ROWS = (
    *({"batch_size": n} for n in (8, 16, 32, 64, 128)),
    *({"image_size": n} for n in (32, 128)),
    *({"features": n} for n in (16, 64)),
    {"features": 64, "batch_size": 64},
    *({"images": n} for n in (64_000, 1_000_000)),
)


def products(network):
    """Returns the floating-point operations of one image's products."""
    total = 0
    for layer in network.layers:
        for weight in layer.weights:
            if len(weight.shape) in (2, 4):
                # Of both maps, a kernel meets each pixel of the smaller one.
                maps = layer.input.shape[1:-1], layer.output.shape[1:-1]
                total += 2 * math.prod(weight.shape) * min(map(math.prod, maps))
    return total


def product_rate():
    """Returns the GFLOP/s of a product of two large matrices.

    They have the dtype in which layers compute.
    """
    import keras

    size = 1536
    dtype = keras.config.dtype_policy().compute_dtype
    x = keras.ops.ones((size, size), dtype)
    times = []
    for _ in range(12):
        before = time.perf_counter()
        float(keras.ops.cast(keras.ops.matmul(x, x)[0, 0], "float32"))
        times.append(time.perf_counter() - before)
    return 2 * size**3 / statistics.median(times[2:]) / 1e9


def own_memory():
    """Returns the MiB of this process now that are not of files."""
    with open("/proc/self/status") as file:
        return int(re.search(r"RssAnon:\s+(\d+)", file.read())[1]) / 1024


def measure(row, steps, precision):
    """Prints milliseconds and GFLOP a step, the matrix rate, the peak of memory."""
    import keras
    import numpy as np

    from kerasgan import architectures, gans
    from kerasgan.data import Batches

    keras.config.set_dtype_policy(precision)
    size, batch_size = row["image_size"], row["batch_size"]
    shape = (row["images"], size, size, 3)
    with tempfile.NamedTemporaryFile() as file:
        # A sparse file: a million images take no disk.
        pixels = np.memmap(file.name, np.uint8, "w+", shape=shape)
        generator, discriminator = architectures.dcgan(
            (size, size, 3), features=row["features"], normalization="weight"
        )
        gan = gans.NonSaturatingGAN(generator, discriminator)
        gan.compile(keras.optimizers.Adam(2e-4), keras.optimizers.Adam(2e-4))
        batches = Batches(pixels, batch_size)
        # An epoch ends in each `fit`: the order of the next one is drawn.
        data = batches.stream(max(0, batches.steps_per_epoch - steps // 2))
        done, peak = threading.Event(), [0]

        def watch():
            while not done.wait(0.005):
                peak[0] = max(peak[0], own_memory())

        def run(count):
            gan.fit(data, steps_per_epoch=count, verbose=0, shuffle=False)

        run(2)
        thread = threading.Thread(target=watch)
        thread.start()
        times = []
        for _ in range(5):
            before = time.perf_counter()
            run(steps)
            times.append((time.perf_counter() - before) / steps * 1e3)
        done.set()
        thread.join()
    flop = batch_size * (4 * products(generator) + 8 * products(discriminator))
    ms = statistics.median(times)
    print(json.dumps([ms, flop / 1e9, product_rate(), *peak]))


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--steps", type=int, default=8, help="in each of 5 fits"
    )
    parser.add_argument(
        "--precision",
        default="float32",
        choices=("float32", "mixed_bfloat16"),
    )
    parser.add_argument("--row", type=json.loads, help=argparse.SUPPRESS)
    return parser


def main():
    args = parser().parse_args()
    if args.row:
        measure(args.row, args.steps, args.precision)
        return
    print(f"{turns.machine()}\n")
    heads = [*BASE, "ms", "GFLOP", "GFLOP/s", "share", "MiB"]
    print("|".join(["", *(h.replace("_", " ") for h in heads), ""]))
    print("|" + "---:|" * len(heads))
    environment = {**turns.ENVIRONMENT, **os.environ}
    for change in ROWS:
        row = {**BASE, **change}
        command = [sys.executable, __file__, f"--row={json.dumps(row)}"]
        command += [f"--steps={args.steps}", f"--precision={args.precision}"]
        lines = subprocess.check_output(command, text=True, env=environment)
        ms, gflop, most, memory = json.loads(lines.splitlines()[-1])
        rate = gflop / ms * 1e3
        cells = [f"{n:,}" for n in row.values()]
        cells += [
            f"{ms:.0f}",
            f"{gflop:.1f}",
            f"{rate:.0f}",
            f"{rate / most:.0%}",
        ]
        print("|".join(["", *cells, f"{memory:,.0f}", ""]), flush=True)


if __name__ == "__main__":
    main()
