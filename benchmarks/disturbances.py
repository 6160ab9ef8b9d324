"""FID-768 of real images that are disturbed more and more: table and picture.

The check of the paper that introduced the FID (Heusel et al. 2017, arXiv
1706.08500, appendix A1): a distance that means something rises with each
disturbance. Some real images are disturbed, and compared with as many others
that are not; strength 0 is the distance of the two halves. Kinds are those of
the paper, strengths as below.

Before it, what the distance of real images is where nothing is disturbed, by
the number of images: mean and standard deviation over disjoint pairs of sets.

    export KERASGAN_INCEPTION=weights.npz
    python benchmarks/disturbances.py --data faces.zip --crop 160
    python benchmarks/disturbances.py --data faces.zip --count 500 --sizes 250
"""

import argparse
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np


def gaussian_noise(images, strength, seed=0):
    """(1 - a) x + a n; n of mean 127.5, deviation 42.5, cut to 0 ... 255."""
    noise = np.random.default_rng(seed).standard_normal(images.shape, "float32")
    noise = np.clip(127.5 + 42.5 * noise, 0, 255)
    return _uint8((1 - strength) * images.astype("float32") + strength * noise)


def gaussian_blur(images, strength, seed=0):
    """Convolution with a Gaussian of so many pixels' deviation."""
    from scipy.ndimage import gaussian_filter

    deviations = (0, strength, strength, 0)
    return _uint8(gaussian_filter(images.astype("float32"), deviations))


def black_rectangles(images, strength, seed=0):
    """Five a picture, with sides of so much of the picture's."""
    count, height, width, _ = images.shape
    random = np.random.default_rng(seed).random((count, 5, 2))
    sides = np.round(strength * np.array([height, width])).astype(int)
    corners = np.round(random * ([height, width] - sides)).astype(int)
    found = images.copy()
    for image, places in zip(found, corners):
        for top, left in places:
            image[top : top + sides[0], left : left + sides[1]] = 0
    return found


def swirl(images, strength, seed=0):
    """Turned about the middle by a exp(-r / s) radians; s = a quarter side."""
    height, width = images.shape[1:3]
    middle = (height - 1) / 2, (width - 1) / 2
    y, x = np.mgrid[:height, :width]
    y, x = y - middle[0], x - middle[1]
    angle = strength * np.exp(-np.hypot(y, x) / (min(height, width) / 4))
    rows = middle[0] + y * np.cos(angle) + x * np.sin(angle)
    columns = middle[1] + x * np.cos(angle) - y * np.sin(angle)
    return _uint8(_bilinear(images, rows, columns))


def salt_and_pepper(images, strength, seed=0):
    """That share of the pixels white or black, half and half."""
    random = np.random.default_rng(seed).random(
        (*images.shape[:3], 1), "float32"
    )
    found = np.where(random < strength / 2, np.uint8(0), images)
    return np.where(random > 1 - strength / 2, np.uint8(255), found)


# Function, and the strengths beside 0.
DISTURBANCES = {
    "gaussian noise": (gaussian_noise, (0.25, 0.5, 0.75)),
    "gaussian blur": (gaussian_blur, (1, 2, 4)),
    "black rectangles": (black_rectangles, (0.25, 0.5, 0.75)),
    "swirl": (swirl, (1, 2, 4)),
    "salt and pepper": (salt_and_pepper, (0.1, 0.2, 0.3)),
}


def distances(reference, images, features, names=DISTURBANCES):
    """The Frechet distance at each strength of each disturbance.

    Args:
        reference: features of images that are not disturbed, `[N, D]`.
        images: others, uint8 `[N, height, width, channels]`.
        features: a function of such images -> features.
        names: some of `DISTURBANCES`.

    Returns:
        name -> (strengths, distances), from strength 0 on.
    """
    from kerasgan.metrics import FeatureStatistics, frechet_distance

    reference = FeatureStatistics().update(reference)

    def distance(images):
        other = FeatureStatistics().update(features(images))
        return frechet_distance(reference, other)

    start, found = distance(images), {}
    for name in names:
        function, strengths = DISTURBANCES[name]
        values = [distance(function(images, a)) for a in strengths]
        found[name] = (0, *strengths), [start, *values]
    return found


def rises(values):
    return bool((np.diff(values) > 0).all())


def floor(features, size):
    """Distances of disjoint pairs of sets of real images.

    Returns:
        FID-768 and KID-768, each `[pairs]`.
    """
    from kerasgan.metrics import frechet_distance, squared_mmd

    pairs = len(features) // (2 * size)
    sets = features[: pairs * 2 * size].reshape(pairs, 2, size, -1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*dimensions")
        frechet = [frechet_distance(a, b) for a, b in sets]
    return np.array(frechet), np.array([squared_mmd(a, b) for a, b in sets])


def draw(found, words, path):
    """A chart a disturbance."""
    from drawing import COLORS, GRAY, INK, Canvas, chart

    panel, gap, left, top = 150, 44, 44, 42
    canvas = Canvas(left + len(found) * (panel + gap) - gap + 16, top + 190)
    canvas.text((left, 12), words, 12, INK, "lm")
    for i, (name, (strengths, values)) in enumerate(found.items()):
        x = left + i * (panel + gap)
        box = x, top, x + panel, top + panel
        color = COLORS[i]
        chart(
            canvas,
            box,
            [(strengths, values, color, 2.0)],
            (0, max(values) * 1.06),
            (0, strengths[-1]),
            x_label=f"strength of {name}",
            ticks=4,
        )
        points = [
            (
                x + panel * a / strengths[-1],
                top + panel * (1 - value / (max(values) * 1.06)),
            )
            for a, value in zip(strengths, values)
        ]
        canvas.dots(
            (x - 5, top - 5, x + panel + 5, top + panel + 5),
            points,
            color,
            radius=3,
            opacity=1,
        )
    canvas.text((left - 5, top - 12), "FID-768", 10, GRAY, "mm")
    canvas.save(path)


def _bilinear(images, rows, columns):
    """Values at places `[H, W]` between pixels; beyond the rim the rim's."""
    height, width = images.shape[1:3]
    rows = np.clip(rows, 0, height - 1)
    columns = np.clip(columns, 0, width - 1)
    top = np.minimum(rows.astype(int), height - 2)
    left = np.minimum(columns.astype(int), width - 2)
    down = (rows - top)[..., None].astype("float32")
    right = (columns - left)[..., None].astype("float32")
    upper = images[:, top, left] * (1 - right)
    upper += images[:, top, left + 1] * right
    lower = images[:, top + 1, left] * (1 - right)
    lower += images[:, top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def _uint8(pixels):
    return np.clip(np.rint(pixels), 0, 255).astype("uint8")


def main():
    from kerasgan.data import prepare
    from kerasgan.metrics import inception_features, inception_protocol
    from kerasgan.utils.progress_bars import progress_bar

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--split", default="train")
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--crop", type=int)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--sizes", default="250,500,1000,2000")
    parser.add_argument("--only", default=",".join(DISTURBANCES))
    parser.add_argument("--weights")
    parser.add_argument("--picture", default="disturbances.png")
    args = parser.parse_args()

    def features(images):
        batches = -(-len(images) // 32)
        with progress_bar("Features", batches) as advance:
            return inception_features(
                images,
                weights=args.weights,
                progress=lambda done, total: advance(),
            )

    sizes = [int(size) for size in args.sizes.split(",") if size]
    needed = 2 * max([args.count, *sizes])
    images = prepare(
        args.data, args.split, args.image_size, crop=args.crop
    ).images
    if len(images) < needed:
        parser.error(f"needs {needed} images. Received: {len(images)}")
    chosen = np.random.default_rng(0).permutation(len(images))[:needed]
    images = np.stack([images[i] for i in chosen])
    print(inception_protocol(weights=args.weights), args)
    real = features(images)
    print("| images of each | pairs | FID-768 | KID-768 x 1000 |")
    print("|---|---|---|---|")
    for size in sizes:
        frechet, kernel = floor(real, size)
        kernel = kernel * 1e3
        cells = [
            f"{v.mean():.4f}"
            + (f" ± {v.std(ddof=1):.4f}" if v[1:].size else "")
            for v in (frechet, kernel)
        ]
        print(f"| {size} | {len(frechet)} | {cells[0]} | {cells[1]} |")
    found = distances(
        real[: args.count],
        images[args.count : 2 * args.count],
        features,
        [name for name in args.only.split(",") if name],
    )
    print("| disturbance | strength: FID-768 | rises |")
    print("|---|---|---|")
    for name, (strengths, values) in found.items():
        cells = ", ".join(f"{a:g}: {v:.3f}" for a, v in zip(strengths, values))
        print(f"| {name} | {cells} | {'yes' if rises(values) else 'NO'} |")
    if args.picture != "none":
        words = (
            f"{args.count} real pictures, disturbed, beside {args.count} others"
        )
        draw(found, words, args.picture)


if __name__ == "__main__":
    main()
