"""Time of a Frechet distance of Inception features against a plain PyTorch loop.

Both take uint8 images of 64 pixels, resize them to 299, compute the 768
features of the network of 2015-12-05 in float32, and then the distance of
their statistics to those of other features. The weights of the loop are
random, which takes the same time; batch normalization is folded in both.
Each has a process of its own, and they take turns.

    export KERASGAN_INCEPTION=weights.npz
    python benchmarks/fid.py --pytorch /path/to/a/python/with/torch/and/scipy
"""

import argparse
import pathlib
import sys

import numpy as np
import turns

ORACLES = pathlib.Path(__file__).parents[1] / "tests" / "oracles"


def run_of_kerasgan():
    from kerasgan import metrics

    reference = other_features()

    def run(count):
        features = metrics.inception_features(noise(count), "mixed_7")
        metrics.frechet_distance(features, reference)

    return run


def run_of_pytorch():
    import torch
    from scipy import linalg
    from torch.nn import functional

    sys.path.insert(0, str(ORACLES))
    import torch_inception

    class Network(torch_inception.Network):
        """The network with weights that stay, in float32."""

        def __init__(self):
            super().__init__(torch_inception.random_weights)
            self.known = {}

        def conv(self, x, name, out, size=(1, 1), stride=1, valid=False):
            if name not in self.known:
                shape = (*size, x.shape[1], out)
                kernel, bias = map(torch.tensor, self.weights(name, shape))
                kernel = kernel.permute(3, 2, 0, 1)
                kernel = kernel.contiguous(memory_format=torch.channels_last)
                self.known[name] = kernel, bias
            padding = (0, 0) if valid else (size[0] // 2, size[1] // 2)
            x = functional.conv2d(x, *self.known[name], stride, padding)
            return torch.relu_(x)

    network, reference = Network(), statistics(other_features())

    @torch.inference_mode()
    def features(images):
        x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
        x = functional.interpolate(x, (299, 299), mode="bilinear")
        return network.to_mixed_7(x / 127.5 - 1).mean((2, 3)).numpy()

    def run(count):
        images = noise(count)
        batches = [images[i : i + 32] for i in range(0, count, 32)]
        mean, covariance = statistics(np.concatenate([*map(features, batches)]))
        root = linalg.sqrtm(covariance @ reference[1]).real
        np.sum((mean - reference[0]) ** 2) + np.trace(
            covariance + reference[1] - 2 * root
        )

    return run


def statistics(features):
    features = features.astype("float64")
    return features.mean(0), np.cov(features, rowvar=False)


def other_features():
    return np.random.default_rng(1).random((2000, 768), np.float32)


def noise(count):
    return np.random.default_rng(0).integers(0, 256, (count, 64, 64, 3), "u1")


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pytorch", required=True)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument(
        "--contestant", choices=("kerasgan", "pytorch"), help=argparse.SUPPRESS
    )
    return parser


def main():
    args = parser().parse_args()
    if args.contestant:
        run = {"kerasgan": run_of_kerasgan, "pytorch": run_of_pytorch}
        turns.answer(run[args.contestant](), warm_up=32)
        return
    pythons = {"kerasgan": sys.executable, "pytorch": args.pytorch}
    print(f"{turns.machine()}; {args.images} images; milliseconds an image\n")
    times = turns.compete(turns.contestants(pythons), args.images, args.rounds)
    print(turns.table(times, "pytorch", True))


if __name__ == "__main__":
    main()
