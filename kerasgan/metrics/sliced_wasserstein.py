"""The sliced Wasserstein distance between patches of images."""

import dataclasses

import numpy as np

from kerasgan.metrics.arrays import blocks, check_count
from kerasgan.utils.typing import Any

_PATCH = 7
_SMALLEST = 16
_BATCH = 64
# Directions whose projections are sorted at once.
_DIRECTIONS = 16


@dataclasses.dataclass(frozen=True)
class SlicedWasserstein:
    """The result of `sliced_wasserstein`.

    Attributes:
        mean: the mean over the levels.
        levels: `{size: distance}`, times 1e3, from the images' own size down;
            `size` is the shorter side of a level in pixels.
    """

    mean: float
    levels: dict


def sliced_wasserstein(
    real: np.ndarray,
    fake: np.ndarray,
    patches: int = 128,
    directions: int = 512,
    seed: int = 0,
    progress: Any = None,
) -> SlicedWasserstein:
    """Computes the sliced Wasserstein distance of images (Karras et al. 2017).

    Of each image a Laplacian pyramid is built, halving down to 16 pixels or
    just above (the last level is what remains, not a difference), with the
    filter (1, 4, 6, 4, 1) / 16 along each axis, mirrored at the edges. Of each
    level `patches` random patches of 7x7 pixels are taken, and each channel is
    normalized to mean 0 and standard deviation 1 over all patches of the set.
    The distance of a level is the mean over random directions of the
    1-Wasserstein distance of the projected patches, that is of `|a_i - b_i|` of
    the sorted projections a and b; times 1e3.

    Image i of both sets gives patches of the same places, which takes noise out
    of the difference: equal sets have a distance of exactly 0. Because each set
    is normalized by itself, brightness, colour cast and contrast of the set
    as a whole do not count. The distance of two samples of one distribution
    is above 0 and falls with their number; the paper takes 16,384 images. A
    channel that is constant over all patches gives zeros.

    Memory: one level at a time, `2 * N * patches * 49 * channels` numbers of 4
    bytes: 0.3 GB for 2,000 images in colour, 1.2 GB for 8,192.

    Args:
        real: uint8 `[N, height, width, channels]`, sides of at least 16. A
            memory map is read 64 images at a time.
        fake: the same shape.
        patches: patches of an image and level, at least 1.
        directions: random directions, at least 1, the same for all levels.
        seed: of places and directions, an integer of at least 0.
        progress: `None`, or a function `progress(done, total)` that is called
            with the number of levels after each.

    Returns:
        A `SlicedWasserstein`.

    Raises:
        ValueError: if images are not uint8 of one shape, there are none, or
            they are smaller than 16 pixels.

    Reference:
        Karras et al., "Progressive growing of GANs for improved quality,
        stability, and variation", arXiv 1710.10196, section 5; Burt & Adelson,
        "The Laplacian pyramid as a compact image code", 1983.
    """
    patches = check_count(patches, "patches")
    directions = check_count(directions, "directions")
    real, fake = _check(real, "real"), _check(fake, "fake")
    if real.shape != fake.shape:
        raise ValueError(
            "`real` and `fake` must have the same shape. Received: "
            f"real.shape={real.shape}, fake.shape={fake.shape}"
        )
    sizes = _sizes(min(real.shape[1:3]))
    size = _PATCH**2 * real.shape[3]
    axes = np.random.default_rng((seed, 0)).normal(size=(directions, size))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    distances = {}
    for level, name in enumerate(sizes):
        real_patches, fake_patches = (
            _descriptors(x, level, len(sizes), patches, (seed, 1, level))
            for x in (real, fake)
        )
        distances[name] = 1e3 * projected_distance(
            real_patches, fake_patches, axes
        )
        if progress is not None:
            progress(level + 1, len(sizes))
    return SlicedWasserstein(
        sum(distances.values()) / len(distances), distances
    )


def projected_distance(real, fake, axes):
    """Computes the mean 1-Wasserstein distance of projections.

    Args:
        real: `[N, D]`.
        fake: `[N, D]`.
        axes: the directions, `[K, D]`, of length 1.

    Returns:
        A float.
    """
    total = 0.0
    for piece in blocks(len(axes), _DIRECTIONS):
        # A direction a row: sorting goes along contiguous memory.
        a, b = (axes[piece].astype(x.dtype) @ x.T for x in (real, fake))
        a.sort(axis=1)
        b.sort(axis=1)
        a -= b
        total += np.abs(a, out=a).sum(dtype="float64")
    return float(total / (len(axes) * len(real)))


def laplacian_pyramid(images, levels):
    """Returns float32 `[N, height, width, channels]`, the finest first."""
    rest = np.asarray(images, "float32")
    bands = []
    for _ in range(levels - 1):
        smaller = _blurred(rest)[:, ::2, ::2]
        spread = np.zeros_like(rest)
        # Three pixels of four are empty now.
        spread[:, ::2, ::2] = 4 * smaller
        bands.append(rest - _blurred(spread))
        rest = smaller
    return [*bands, rest]


def _blurred(images):
    for axis in (1, 2):
        size = images.shape[axis]
        width = [(2, 2) if a == axis else (0, 0) for a in range(4)]
        padded = np.pad(images, width, mode="reflect")

        def shifted(by, axis=axis, size=size, padded=padded):
            rows = slice(by, by + size)
            return padded[:, rows] if axis == 1 else padded[:, :, rows]

        images = shifted(0) + shifted(4)
        images += 4 * (shifted(1) + shifted(3))
        images += 6 * shifted(2)
        images /= 16
    return images


def _descriptors(images, level, levels, patches, seed):
    """Cuts normalized patches, float32 `[N * patches, 49 * channels]`."""
    random = np.random.default_rng(seed)
    channels = images.shape[3]
    descriptors = np.empty(
        (len(images) * patches, _PATCH, _PATCH, channels), "float32"
    )
    for piece in blocks(len(images), _BATCH):
        # The finest level needs one below it, and the last one none.
        depth = min(level + 2, levels)
        pyramid = laplacian_pyramid(images[piece], depth)
        windows = np.lib.stride_tricks.sliding_window_view(
            pyramid[level], (_PATCH, _PATCH), axis=(1, 2)
        )
        count, height, width = windows.shape[:3]
        # Image by image, so that batches leave no trace.
        places = random.random((count, patches, 2)) * (height, width)
        y, x = places.astype(int).transpose(2, 0, 1)
        chosen = windows[np.arange(count)[:, None], y, x]
        start = piece.start * patches
        descriptors[start : start + count * patches] = chosen.reshape(
            -1, channels, _PATCH, _PATCH
        ).transpose(0, 2, 3, 1)
    flat = descriptors.reshape(-1, channels)
    mean = flat.mean(axis=0, dtype="float64")
    flat -= mean.astype("float32")
    # The mean square, summed in float64 without a copy of that size.
    squares = sum(
        np.einsum("nc,nc->c", p, p)
        for p in (
            flat[piece].astype("float64")
            for piece in blocks(len(flat), 1 << 20)
        )
    )
    std = np.sqrt(squares / len(flat))
    flat /= np.where(std > 0, std, 1).astype("float32")
    return descriptors.reshape(len(descriptors), -1)


def _sizes(side):
    """Returns the shorter side of each level: halved, rounded up, to 16."""
    sizes = [side]
    while sizes[-1] // 2 >= _SMALLEST:
        sizes.append((sizes[-1] + 1) // 2)
    return sizes


def _check(images, name):
    # A memory map stays one.
    images = images if isinstance(images, np.ndarray) else np.asarray(images)
    if images.ndim != 4 or images.dtype != "uint8" or not len(images):
        raise ValueError(
            f"`{name}` must be uint8 images [N, height, width, channels]. "
            f"Received: {name}.shape={images.shape}, {name}.dtype={images.dtype}"
        )
    if min(images.shape[1:3]) < _SMALLEST:
        raise ValueError(
            f"`{name}` must be at least {_SMALLEST} pixels high and wide. "
            f"Received: {name}.shape={images.shape}"
        )
    return images
