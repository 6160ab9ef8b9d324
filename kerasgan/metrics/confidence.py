"""Confidence intervals of metrics, for other samples of the same generator."""

import dataclasses

import numpy as np

from kerasgan.metrics.arrays import check_count
from kerasgan.utils.typing import Callable


@dataclasses.dataclass(frozen=True)
class Repeats:
    """The result of `repeated`.

    Attributes:
        mean: the mean over the repeats: the metric of `size` samples.
        std: the standard deviation of one repeat (divided by repeats - 1).
        values: float64 `[repeats]`.
        size: the number of samples of a repeat.
        seed: what the samples were drawn with.
        disjoint: whether no sample was in two repeats. If not, `std` is too
            small: repeats with samples in common are alike.
    """

    mean: float
    std: float
    values: np.ndarray
    size: int
    seed: int
    disjoint: bool


def repeated(
    metric: Callable[..., float],
    *samples: np.ndarray,
    size: int,
    repeats: int = 10,
    seed: int = 0,
) -> Repeats:
    """Computes a metric of random parts of the samples, and its spread.

    Each repeat takes `size` rows of each set, without repetition within it:
    where `size * repeats` is at most the set's number of rows, parts of one
    permutation, of which no two have a row in common; otherwise drawn
    independently.

    The result is the metric of `size` samples and no other: a Frechet distance
    of 1,000 samples is not that of 10,000, nor does the spread of it say
    anything of the bias, which all repeats have in common. A set that must
    stay whole goes into the metric itself:

        repeated(lambda f: frechet_distance(real, f), fake, size=1000)

    Args:
        metric: a function of as many arrays as there are sets, to a number.
        *samples: arrays `[N, ...]`, N at least `size`; a memory map is read at
            the drawn rows alone.
        size: the number of rows of each set in a repeat, at least 1.
        repeats: how many, at least 2.
        seed: of what is drawn, an integer of at least 0.

    Returns:
        A `Repeats`.

    Raises:
        ValueError: if there are fewer rows than `size`, or the metric gives no
            finite number.
    """
    size = check_count(size, "size")
    repeats = check_count(repeats, "repeats", at_least=2)
    least = min((len(x) for x in samples), default=0)
    if least < size:
        raise ValueError(
            f"`size` must be at most {least}, the number of samples. Received: "
            f"size={size}"
        )
    random = np.random.default_rng(seed)
    rows = [_parts(random, len(x), size, repeats) for x in samples]
    numbers = np.empty(repeats)
    for i in range(repeats):
        # In order: a memory map likes it.
        numbers[i] = metric(*(x[np.sort(r[i])] for x, r in zip(samples, rows)))
        if not np.isfinite(numbers[i]):
            raise ValueError(
                f"`metric` must give finite numbers. Received: {numbers[i]} in "
                f"repeat {i}"
            )
    return Repeats(
        mean=float(numbers.mean()),
        std=float(numbers.std(ddof=1)),
        values=numbers,
        size=size,
        seed=seed,
        disjoint=size * repeats <= least,
    )


def _parts(random, count, size, repeats):
    """Draws `repeats` arrays of `size` different indices below `count`."""
    if size * repeats <= count:
        return random.permutation(count)[: size * repeats].reshape(
            repeats, size
        )
    return [random.permutation(count)[:size] for _ in range(repeats)]
