"""How evenly a generator's pictures change with its latents.

The mean of the path lengths ||J^T y|| of 256 latents and their deviation
relative to it, at the latents and near zero, and singular values of J at one
latent (all a root mean square over the pixels). With `--data`, also the
reconstruction error of test pictures with other numbers of steps and rates.

    python benchmarks/path_lengths.py dcgan-wn-celeba runs/further
    python benchmarks/path_lengths.py dcgan-wn-celeba --data celeba-12k.zip
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from keras import ops

from kerasgan import metrics, sampling, zoo
from kerasgan.gans.autodiff import input_grad
from kerasgan.recipes.build import prepare_pictures

SHOWN = (1, 33, 65, 128)
DESCENTS = (
    (50, 0.01),
    (100, 0.01),
    (200, 0.01),
    (50, 0.02),
    (50, 0.03),
    (50, 0.05),
)


def lengths(generator, latents):
    """`||J^T y||` of each latent, for random pictures y."""
    height, width = generator.output_shape[1:3]
    shape = (len(latents), *generator.output_shape[1:])
    noise = np.random.default_rng(0).normal(size=shape).astype("float32")
    noise /= np.sqrt(height * width)
    slopes = input_grad(
        lambda z: ops.sum(ops.cast(generator(z), "float32") * noise, (1, 2, 3)),
        ops.convert_to_tensor(latents),
    )
    return np.linalg.norm(np.asarray(slopes), axis=1)


def singular_values(generator, latent, step=1e-2):
    """Of J at a latent `[1, z]`, by central differences."""
    height, width = generator.output_shape[1:3]
    moves = step * np.eye(latent.shape[1], dtype="float32")
    ends = [np.asarray(generator(latent + s * moves)) for s in (1, -1)]
    jacobian = (ends[0] - ends[1]).reshape(len(moves), -1) / (2 * step)
    values = np.linalg.svd(jacobian, compute_uv=False)
    return values / np.sqrt(height * width)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="+", help="entries or run folders")
    parser.add_argument("--data", help="pictures with a test split")
    parser.add_argument("--count", type=int, default=128, help="of them")
    args = parser.parse_args()
    for name in args.names:
        generator = zoo.load(name)
        latents = sampling.latents(256, generator.input_shape[-1], 0)
        print(name)
        for scale in (1.0, 0.03):
            found = lengths(generator, np.float32(scale) * latents)
            relative = found.std() / found.mean()
            print(
                f"  {scale} z: length {found.mean():.3g}, deviation {relative:.2f}"
            )
        values = singular_values(generator, latents[:1])
        shown = ", ".join(
            f"{values[i - 1]:.2g}" for i in SHOWN if i <= len(values)
        )
        print(f"  singular values {SHOWN}: {shown}")
        if args.data is None:
            continue
        recipe = zoo.find(name).recipe()
        images = prepare_pictures(recipe, args.data, "test").images[
            : args.count
        ]
        for steps, rate in DESCENTS:
            error = metrics.reconstruction_error(
                generator, images, steps=steps, learning_rate=rate
            ).mean
            print(f"  {steps} steps of {rate}: {error:.3g}")


if __name__ == "__main__":
    main()
