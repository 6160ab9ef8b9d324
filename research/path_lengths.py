"""How evenly do a generator's images change with its latents?

Question: the mean of the path lengths ||J^T y|| of 256 latents and their
deviation relative to it, at the latents and near zero, and singular values of J
at one latent (all a root mean square over the pixels). With `--data`, also the
reconstruction error of test images with other numbers of steps and rates.

    python research/path_lengths.py dcgan-wn-celeba runs/further
    python research/path_lengths.py dcgan-wn-celeba --data celeba-12k.zip

Result: the tables in `docs/research/path_lengths.md` and
`docs/research/reconstruction_error.md` (steps and rates).
"""

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from keras import ops

from kerasgan import data, metrics, sampling, zoo
from kerasgan.gans.autodiff import input_grad

SHOWN = 1, 33, 65, 128
DESCENTS = (50, 0.01), (100, 0.01), (200, 0.01), (50, 0.02), (50, 0.03)


def lengths(generator, latents):
    """`||J^T y||` of each latent, for random images y."""
    _, height, width, channels = generator.output_shape
    shape = len(latents), height, width, channels
    noise = np.random.default_rng(0).normal(size=shape).astype("float32")
    noise /= np.sqrt(height * width)
    gradients = input_grad(
        lambda z: ops.sum(ops.cast(generator(z), "float32") * noise, (1, 2, 3)),
        ops.convert_to_tensor(latents),
    )
    return np.linalg.norm(np.asarray(gradients), axis=1)


def singular_values(generator, latent, step=1e-2):
    """Of J at a latent `[1, z]`, by central differences."""
    moves = step * np.eye(latent.shape[1], dtype="float32")
    ends = [np.asarray(generator(latent + s * moves)) for s in (1, -1)]
    jacobian = (ends[0] - ends[1]).reshape(len(moves), -1) / (2 * step)
    values = np.linalg.svd(jacobian, compute_uv=False)
    return values / np.sqrt(np.prod(generator.output_shape[1:3]))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="+", help="entries or run directories")
    parser.add_argument("--data", help="images with a test split")
    args = parser.parse_args()
    for name in args.names:
        generator = zoo.load(name)
        latents = sampling.latents(256, generator.input_shape[-1], 0)
        print(name)
        for scale in (1.0, 0.03):
            found = lengths(generator, np.float32(scale) * latents)
            ratio = found.std() / found.mean()
            print(f"  {scale} z: {found.mean():.3g}, deviation {ratio:.2f}")
        values = singular_values(generator, latents[:1])
        shown = [f"{values[i - 1]:.2g}" for i in SHOWN if i <= len(values)]
        print(f"  singular values {SHOWN}: {', '.join(shown)}")
        if args.data is None:
            continue
        cut = zoo.recipe(name).data
        images = data.prepare(args.data, "test", cut.image_size, cut.crop)
        for steps, rate in DESCENTS:
            error = metrics.reconstruction_error(
                generator, images.images[:128], steps=steps, learning_rate=rate
            ).mean
            print(f"  {steps} steps of {rate}: {error:.3g}")


if __name__ == "__main__":
    main()
