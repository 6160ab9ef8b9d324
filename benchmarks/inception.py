"""Time of Inception features beside that of the network alone.

In turns, so that a noisy machine treats all alike. The network alone gets
float32 batches that are resized and scaled already; the features are made of
uint8 images by `inception_features`, with resizing, batching and copying. Of
each the least time over the rounds is shown, in milliseconds an image by the
clock and by the processor (all threads), as images a second, and what it is
more than the network alone.

    export KERASGAN_INCEPTION=weights.npz
    python benchmarks/inception.py
    KERAS_BACKEND=jax python benchmarks/inception.py --image-size 128
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from kerasgan.metrics.inception.features import inception_features
from kerasgan.metrics.inception.resize import RESIZES, network_input
from kerasgan.metrics.inception.weights import load_inception
from kerasgan.sampling.inference import compile_inference


def forward(network, images):
    return network(images)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--features", default="mixed_7")
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--batches", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=8)
    args = parser.parse_args()

    count = args.batch_size * args.batches
    shape = (count, args.image_size, args.image_size, 3)
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    model, _ = load_inception(args.features)
    network = compile_inference(model, forward)
    prepared = keras.ops.convert_to_numpy(
        network_input(keras.ops.convert_to_tensor(images[: args.batch_size]))
    )

    def alone():
        for _ in range(args.batches):
            network(prepared)

    calls = {"network alone": alone}
    for resize in RESIZES:
        calls[f"features, {resize}"] = lambda resize=resize: inception_features(
            images,
            args.features,
            resize=resize,
            batch_size=args.batch_size,
        )
    least = {}
    for round_ in range(args.rounds + 1):
        for name, call in calls.items():
            wall, processor = time.perf_counter(), time.process_time()
            call()
            found = np.array(
                [time.perf_counter() - wall, time.process_time() - processor]
            )
            if round_:
                least[name] = np.minimum(found, least.get(name, np.inf))
    print(f"{keras.backend.backend()}, {args}")
    print("| | ms an image | of the processor | images/s | more |")
    print("|---|---|---|---|---|")
    for name, found in least.items():
        more = found / least["network alone"] - 1
        wall, processor = found / count * 1e3
        print(
            f"| {name} | {wall:.1f} | {processor:.1f} | {1e3 / wall:.1f} "
            f"| {more[0]:+.1%}, {more[1]:+.1%} of the processor |"
        )


if __name__ == "__main__":
    main()
