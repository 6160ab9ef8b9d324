"""Does FID-768 rise as real images are disturbed more and more?

Question: the check of the paper that introduced the FID (Heusel et al. 2017,
arXiv 1706.08500, appendix A1). Some real images are disturbed and compared with
as many others that are not; strength 0 is the distance of the two halves. And
what is the distance of real images by the number of images, if nothing is
disturbed: mean and standard deviation over disjoint pairs of sets.

    export KERASGAN_INCEPTION=weights.npz
    python research/disturbances.py --data faces.zip --crop 160

Result: yes, but for salt and pepper; tables and image are in
`docs/research/checks_of_metrics.md` and `docs/research/sample_sizes.md`.
"""

import argparse
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter, map_coordinates

from kerasgan.data import prepare
from kerasgan.metrics import (
    FeatureStatistics,
    frechet_distance,
    inception_features,
    inception_protocol,
    squared_mmd,
)


def gaussian_noise(images, strength):
    """(1 - a) x + a n; n of mean 127.5, deviation 42.5, cut to 0 ... 255."""
    noise = np.random.default_rng(0).standard_normal(images.shape, "float32")
    noise = np.clip(127.5 + 42.5 * noise, 0, 255)
    return _uint8((1 - strength) * images.astype("float32") + strength * noise)


def gaussian_blur(images, strength):
    """Convolution with a Gaussian of so many pixels' deviation."""
    deviations = (0, strength, strength, 0)
    return _uint8(gaussian_filter(images.astype("float32"), deviations))


def black_rectangles(images, strength):
    """Five an image, with sides of so much of the image's."""
    count, height, width, _ = images.shape
    random = np.random.default_rng(0).random((count, 5, 2))
    sides = np.round(strength * np.array([height, width])).astype(int)
    corners = np.round(random * ([height, width] - sides)).astype(int)
    found = images.copy()
    for image, places in zip(found, corners):
        for top, left in places:
            image[top : top + sides[0], left : left + sides[1]] = 0
    return found


def swirl(images, strength):
    """Rotated about the middle by a exp(-r / s) radians; s = a quarter side."""
    height, width = images.shape[1:3]
    middle = (height - 1) / 2, (width - 1) / 2
    y, x = np.mgrid[:height, :width]
    y, x = y - middle[0], x - middle[1]
    angle = strength * np.exp(-np.hypot(y, x) / (min(height, width) / 4))
    places = (
        middle[0] + y * np.cos(angle) + x * np.sin(angle),
        middle[1] + x * np.cos(angle) - y * np.sin(angle),
    )
    found = np.empty(images.shape, "float32")
    for image, target in zip(images.astype("float32"), found):
        for c in range(image.shape[-1]):
            target[..., c] = map_coordinates(
                image[..., c], places, order=1, mode="nearest"
            )
    return _uint8(found)


def salt_and_pepper(images, strength):
    """That share of the pixels white or black, half and half."""
    shape = *images.shape[:3], 1
    random = np.random.default_rng(0).random(shape, "float32")
    found = np.where(random < strength / 2, np.uint8(0), images)
    return np.where(random > 1 - strength / 2, np.uint8(255), found)


def _uint8(pixels):
    return np.clip(np.rint(pixels), 0, 255).astype("uint8")


STRENGTHS = {
    gaussian_noise: (0.25, 0.5, 0.75),
    gaussian_blur: (1, 2, 4),
    black_rectangles: (0.25, 0.5, 0.75),
    swirl: (1, 2, 4),
    salt_and_pepper: (0.1, 0.2, 0.3),
}


def print_floor(real, sizes):
    """The distances of disjoint pairs of sets of real images."""
    print("| images of each | pairs | FID-768 | KID-768 x 1000 |")
    print("|---|---|---|---|")
    for size in sizes:
        pairs = len(real) // (2 * size)
        sets = real[: pairs * 2 * size].reshape(pairs, 2, size, -1)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*dimensions")
            frechet = [frechet_distance(a, b) for a, b in sets]
        kernel = [1e3 * squared_mmd(a, b) for a, b in sets]
        cells = [
            f"{np.mean(v):.4f}"
            + (f" ± {np.std(v, ddof=1):.4f}" if v[1:] else "")
            for v in (frechet, kernel)
        ]
        print(f"| {size} | {pairs} | {cells[0]} | {cells[1]} |")


def draw(found):
    figure = Figure(figsize=(2.4 * len(found), 2.6), layout="constrained")
    for at, (name, points) in enumerate(found.items()):
        axes = figure.add_subplot(1, len(found), at + 1)
        axes.plot(*np.transpose(points), "o-", color=f"C{at}")
        axes.set(xlim=0, ylim=0, xlabel=f"strength of {name}")
        axes.grid(alpha=0.25)
        if not at:
            axes.set_ylabel("FID-768")
    return figure


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--crop", type=int)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--sizes", default="250,500,1000,2000")
    parser.add_argument("--image", help="the PNG file of the charts")
    args = parser.parse_args()
    sizes = [int(size) for size in args.sizes.split(",")]
    images = prepare(args.data, "train", args.image_size, args.crop).images
    needed = 2 * max([args.count, *sizes])
    if len(images) < needed:
        parser.error(f"needs {needed} images. Received: {len(images)}")
    chosen = np.random.default_rng(0).permutation(len(images))[:needed]
    images = np.stack([images[i] for i in chosen])
    print(inception_protocol(), args)
    real = inception_features(images)
    print_floor(real, sizes)
    reference = FeatureStatistics().update(real[: args.count])
    images = images[args.count : 2 * args.count]
    found = {}
    print("| disturbance | strength: FID-768 | rises |")
    print("|---|---|---|")
    for disturb, strengths in STRENGTHS.items():
        points = []
        for strength in (0, *strengths):
            features = inception_features(disturb(images, strength))
            other = FeatureStatistics().update(features)
            points.append((strength, frechet_distance(reference, other)))
        name = disturb.__name__.replace("_", " ")
        found[name] = points
        cells = ", ".join(f"{a:g}: {value:.3f}" for a, value in points)
        rises = (np.diff([value for _, value in points]) > 0).all()
        print(f"| {name} | {cells} | {'yes' if rises else 'NO'} |", flush=True)
    if args.image:
        draw(found).savefig(args.image, dpi=100)


if __name__ == "__main__":
    main()
