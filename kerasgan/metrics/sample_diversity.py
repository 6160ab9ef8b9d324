"""Distances between samples, and from samples to the training images."""

import dataclasses

import numpy as np

from kerasgan.metrics import distances as neighbours
from kerasgan.metrics.arrays import blocks

# Five grey levels: nearer thumbnails are the same image to the eye.
SAME = 0.02
_SIDE = 16


@dataclasses.dataclass(frozen=True)
class Diversity:
    """The result of `diversity`. Distances are those of thumbnails.

    Attributes:
        mean_distance: of two samples, the mean over all pairs.
        relative: `mean_distance` over that of the references; None without
            them. 1 means that samples differ as much as real images do, 0 that
            all are one image.
        duplicates: the fraction of samples that have another sample nearer than
            0.02.
        nearest: float64 `[N]`, each sample's distance to the nearest reference;
            None without references.
        nearest_index: int64 `[N]`, which one that is; None without references.
        memorized: the fraction of samples that are nearer than 0.02 to a
            reference; None without references.
    """

    mean_distance: float
    relative: float | None
    duplicates: float
    nearest: np.ndarray | None
    nearest_index: np.ndarray | None
    memorized: float | None


def thumbnails(images):
    """Makes small float copies of images, as rows.

    Means over equal areas, at most 16x16 of them, on [0, 1], divided by the
    square root of the number of values in a row: the Euclidean distance of two
    rows is the root of the mean squared difference of two thumbnails.

    Args:
        images: uint8 `[N, height, width, channels]`; a memory map is read a
            block at a time.

    Returns:
        float32 `[N, D]`.

    Raises:
        ValueError: other images.
    """
    if (
        getattr(images, "dtype", None) != np.uint8
        or images.ndim != 4
        or not images.size
    ):
        raise ValueError(
            "Images must be uint8 [N, height, width, channels], N at least 1. "
            f"Received: images={getattr(images, 'dtype', type(images))} "
            f"{getattr(images, 'shape', '')}"
        )
    count, height, width, _channels = images.shape
    cells = [_cells(size) for size in (height, width)]
    rows = []
    for block in blocks(count):
        pixels = np.asarray(images[block], np.float32) / 255.0
        small = np.einsum("ih,nhwc->niwc", cells[0], pixels, optimize=True)
        small = np.einsum("jw,niwc->nijc", cells[1], small, optimize=True)
        rows.append(small.reshape(len(pixels), -1))
    rows = np.concatenate(rows)
    return rows / np.float32(np.sqrt(rows.shape[1]))


class References:
    """Real images that samples are compared with, repeatedly.

    Args:
        images: uint8 `[M, height, width, channels]`, M at least 2; a memory map
            is read a block at a time. Only thumbnails are kept.
        flip: whether the training mirrored them at random, so that what is
            nearest may be a mirror image.

    Raises:
        ValueError: other images, or too few.
    """

    def __init__(self, images: np.ndarray, flip: bool = False) -> None:
        _check_count("references", images)
        self.size = images.shape[1:]
        self.rows = thumbnails(images)
        self.mirrored = thumbnails(images[:, :, ::-1]) if flip else None


def diversity(
    samples: np.ndarray, references: np.ndarray | References | None = None
) -> Diversity:
    """Computes distances among samples, and from them to real images.

    Of thumbnails (see `thumbnails`), because what is copied is the image and
    not its noise. A generator that has collapsed draws few different images:
    `relative` and `duplicates` show it. One that has memorized its training
    images draws those: `memorized` and `nearest` show it.

    Args:
        samples: uint8 `[N, height, width, channels]`, N at least 2.
        references: real images, those of the training, uint8
            `[M, height, width, channels]`, M at least 2, or `References`.
            Optional.

    Returns:
        A `Diversity`.

    Raises:
        ValueError: other images, too few, or of another size.

    Example:
        >>> images = np.random.default_rng(0).integers(
        ...     0, 256, (64, 16, 16, 3), "uint8"
        ... )
        >>> kerasgan.metrics.diversity(images) is not None
        True
    """
    _check_count("samples", samples)
    if references is not None and not isinstance(references, References):
        references = References(references)
    if references is not None and samples.shape[1:] != references.size:
        raise ValueError(
            "`samples` and `references` must be of one size. Received: "
            f"samples.shape={samples.shape}, references of {references.size}"
        )
    rows = thumbnails(samples)
    centre = neighbours.mean_of(rows)
    points = neighbours.Points(rows, centre)
    mean, nearest_other = _among(points)
    relative = nearest = index = memorized = None
    if references is not None:
        nearest, index = _nearest_of(points, references, centre)
        memorized = float((nearest < SAME).mean())
        # About as many real ones.
        step = max(1, len(references.rows) // len(rows))
        real = neighbours.Points(references.rows[::step], centre)
        relative = mean / max(_among(real)[0], 1e-12)
    return Diversity(
        mean_distance=mean,
        relative=relative,
        duplicates=float((nearest_other < SAME).mean()),
        nearest=nearest,
        nearest_index=index,
        memorized=memorized,
    )


def _check_count(name, images):
    if len(images) < 2:
        raise ValueError(
            f"`{name}` must be at least 2 images. Received: {len(images)}"
        )


def _cells(size):
    """Returns weights `[cells, size]` of means over equal parts of a row."""
    count = min(_SIDE, size)
    edges = np.linspace(0, size, count + 1)
    left = np.maximum(edges[:-1, None], np.arange(size))
    right = np.minimum(edges[1:, None], np.arange(size) + 1)
    return (np.maximum(right - left, 0) * count / size).astype(np.float32)


def _among(points):
    """Returns the mean distance of two points, and each to its nearest."""
    total, nearest = 0.0, np.full(len(points), np.inf)
    for rows, columns, squared in neighbours.tiles(points, points):
        distances = np.sqrt(np.maximum(squared, 0.0))
        at = np.arange(rows.start, rows.stop)
        own = (at >= columns.start) & (at < columns.stop)
        distances[at[own] - rows.start, at[own] - columns.start] = np.nan
        total += np.nansum(distances)
        nearest[rows] = np.fmin(nearest[rows], np.nanmin(distances, axis=1))
    return float(total / (len(points) * (len(points) - 1))), nearest


def _nearest_of(points, references, centre):
    """Finds the nearest reference or mirror image: distance and place."""
    nearest, index = _nearest(
        points, neighbours.Points(references.rows, centre)
    )
    if references.mirrored is None:
        return nearest, index
    other, at = _nearest(points, neighbours.Points(references.mirrored, centre))
    return np.minimum(nearest, other), np.where(other < nearest, at, index)


def _nearest(points, others):
    nearest = np.full(len(points), np.inf)
    index = np.zeros(len(points), np.int64)
    for rows, columns, squared in neighbours.tiles(points, others):
        best = squared.argmin(axis=1)
        closest = np.take_along_axis(squared, best[:, None], axis=1)[:, 0]
        better = closest < nearest[rows]
        nearest[rows] = np.where(better, closest, nearest[rows])
        index[rows] = np.where(better, best + columns.start, index[rows])
    return np.sqrt(np.maximum(nearest, 0.0)), index
