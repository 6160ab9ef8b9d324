"""The training images nearest to samples, to check for memorization."""

import dataclasses
import functools

import numpy as np

from kerasgan.evaluation import defaults
from kerasgan.evaluation.evaluator import open_evaluation
from kerasgan.evaluation.inputs import Subject, find_measured
from kerasgan.metrics import distances as distances
from kerasgan.metrics.arrays import blocks, check_count
from kerasgan.metrics.sample_diversity import thumbnails
from kerasgan.utils.typing import Any, PathLike

SPACES = ("features", "pixels")
# Of images whose thumbnails are made at once.
_ROWS = 1024


@dataclasses.dataclass(frozen=True)
class Neighbours:
    """What `nearest_images` returns.

    Attributes:
        samples: uint8 `[N, height, width, channels]`.
        images: uint8 `[N, K, height, width, channels]`, the nearest first, and
            mirrored where the mirror image is what is near.
        distances: float64 `[N, K]`.
        index: int64 `[N, K]`, which images of the source they are.
        mirrored: bool `[N, K]`, whether the mirror image is nearer.
        names: their names, N lists of K.
        protocol: which images, and in which space; with `features` how these
            were made.
        trained_on: whether the source has the images of the training, known
            by their fingerprint; None if the training recorded none.
    """

    samples: np.ndarray
    images: np.ndarray
    distances: np.ndarray
    index: np.ndarray
    mirrored: np.ndarray
    names: list
    protocol: dict
    trained_on: bool | None


def nearest_images(
    name: Any,
    data: PathLike | None = None,
    *,
    space: str = "features",
    count: int = 8,
    nearest: int = 5,
    seed: int = defaults.SEED,
    split: str | None = None,
    weights: PathLike | None = None,
    resize: str = defaults.RESIZE,
    data_dir: PathLike | None = None,
    progress: Any = None,
) -> Neighbours:
    """Finds for samples the nearest of a generator's training images.

    Of a generator that has memorized, samples look like their nearest image. A
    distance is Euclidean, of Inception features as the FID has them (2,048, or
    768 where the weights end), or of thumbnails as `memorized` has them (see
    `kerasgan.metrics.diversity`). Images that the training mirrored at random
    are compared with the sample and its mirror image. A block of them is in
    memory at a time.

    Args:
        name: an entry of the zoo, a run directory, or a
            `kerasgan.evaluation.inputs.Subject`.
        data: source of images, as of `kerasgan.data.prepare`; they are cut as
            in the recipe. None for the recipe's own source.
        space: `"features"` or `"pixels"`.
        count: number of samples.
        nearest: number of images for each sample.
        seed: of the samples.
        split: split of the source. Defaults to the one the recipe trains on, or
            to everything where another source has no such split.
        weights, resize: of the Inception network, as of `evaluate`.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.
        progress: whether to draw progress bars on stderr; None for bars on a
            terminal.

    Returns:
        `Neighbours`.

    Raises:
        FileNotFoundError: there are no such images, or no Inception weights.
        ValueError: a wrong argument, unusable images, or fewer than `nearest`.
    """
    check_space(space, weights, resize)
    count, nearest = (
        check_count(count, "count"),
        check_count(nearest, "nearest"),
    )
    measured = name if isinstance(name, Subject) else find_measured(name)
    evaluation, _, _ = open_evaluation(
        measured,
        data,
        split=split,
        references=split and [split],
        samples=count,
        seed=seed,
        repeats=1,
        weights=weights,
        resize=resize,
        data_dir=data_dir,
        progress=progress,
    )
    (split,) = evaluation.references
    prepared = evaluation.real_images(split)
    if nearest > len(prepared):
        raise ValueError(
            f"Expected at most {len(prepared)} nearest images, the number of "
            f"images in the source. Received: nearest={nearest}"
        )
    protocol = {**evaluation.protocol(split), "space": space, "seed": seed}
    if space == "features":
        rows_of, pieces, made = _features(evaluation, split)
        protocol |= made
    else:
        rows_of, pieces = thumbnails, _thumbnails(evaluation, prepared.images)
    samples = evaluation.drawn(seed)
    flip = measured.recipe is not None and measured.recipe.data.flip
    nearest_distances, index, mirrored = nearest_rows(
        rows_of(samples),
        rows_of(samples[:, :, ::-1]) if flip else None,
        pieces,
        nearest,
    )
    images = prepared.images[index.ravel()].reshape(
        *index.shape, *samples.shape[1:]
    )
    images[mirrored] = images[mirrored][:, :, ::-1]
    return Neighbours(
        samples,
        images,
        nearest_distances,
        index,
        mirrored,
        names=[[prepared.names[row] for row in rows] for rows in index],
        protocol=protocol,
        trained_on=_trained_on(measured.training, prepared),
    )


def check_space(
    space: str, weights: PathLike | None = None, resize: str = defaults.RESIZE
) -> None:
    """Raises a ValueError unless distances can be taken in a space so."""
    if space not in SPACES:
        raise ValueError(
            f"Expected one of {', '.join(SPACES)}. Received: space={space!r}"
        )
    if space == "pixels" and (weights, resize) != (None, defaults.RESIZE):
        raise ValueError(
            "Expected neither Inception weights nor their resizing with "
            f"space='pixels'. Received: weights={weights}, resize={resize!r}"
        )


def nearest_rows(samples, mirrored, pieces, nearest):
    """Finds the nearest of rows that come piece by piece.

    Args:
        samples: floats `[N, D]`.
        mirrored: those of the mirrored samples, of which the nearer one counts;
            or None.
        pieces: iterable of floats `[M, D]`, any M.
        nearest: how many; fewer rows give so many.

    Returns:
        `(distances, index, mirrored)`, each `[N, nearest]`, the nearest first;
        of equal ones the first.
    """
    count = len(samples)
    both = [samples] if mirrored is None else [samples, mirrored]
    both = np.concatenate(both)
    centre = distances.mean_of(both)
    points = distances.Points(both, centre)
    kept = [np.empty((count, 0), kind) for kind in (np.float64, np.int64, bool)]
    start = 0
    for rows in pieces:
        squared = np.empty((len(both), len(rows)))
        others = distances.Points(rows, centre)
        for at, columns, tile in distances.tiles(points, others):
            squared[at, columns] = tile
        plain, flipped = squared[:count], squared[-count:]
        index = np.broadcast_to(start + np.arange(len(rows)), plain.shape)
        new = np.minimum(plain, flipped), index, flipped < plain
        kept = [np.concatenate(pair, axis=1) for pair in zip(kept, new)]
        order = kept[0].argsort(axis=1, kind="stable")[:, :nearest]
        kept = [np.take_along_axis(of, order, axis=1) for of in kept]
        start += len(rows)
    return np.sqrt(np.maximum(kept[0], 0)), kept[1], kept[2]


def _features(evaluation, split):
    """Returns a function of images, the pieces of the real ones, a protocol."""
    from kerasgan.metrics import inception_features
    from kerasgan.metrics.inception.weights import last_features

    kind = last_features(evaluation.weights)
    rows_of = functools.partial(
        inception_features,
        features=kind,
        weights=evaluation.weights,
        resize=evaluation.resize,
        progress=lambda done, total: None,
    )
    return (
        rows_of,
        evaluation.stream_features(split, kind),
        evaluation.feature_protocol(kind),
    )


def _thumbnails(evaluation, images):
    pieces = [*blocks(len(images), _ROWS)]
    with evaluation.bar("Thumbnails of real images", len(pieces)) as advance:
        for piece in pieces:
            yield thumbnails(images[piece])
            advance()


def _trained_on(training, prepared):
    known = training.fingerprints if training else []
    if not known:
        return None
    return any(prepared.fingerprint.startswith(of) for of in known)
