"""Improved precision and recall."""

import dataclasses

import numpy as np

from kerasgan.metrics import distances as neighbours
from kerasgan.metrics.arrays import check_count, check_pair


@dataclasses.dataclass(frozen=True)
class PrecisionRecall:
    """The result of `precision_recall`.

    Attributes:
        precision: the fraction of generated samples that lie among real ones:
            how good they are. From 0 to 1.
        recall: the fraction of real samples that lie among generated ones: how
            much of the real distribution is drawn at all. From 0 to 1.
    """

    precision: float
    recall: float


def precision_recall(
    real: np.ndarray, fake: np.ndarray, k: int = 3
) -> PrecisionRecall:
    """Computes improved precision and recall (Kynkaanniemi et al. 2019).

    A sample lies among a set if it is in at least one ball around a member of
    the set with the distance to its k-th nearest other member as the radius,
    rim included: a generated sample equal to a real one is always among them.
    What lies on the rim by formula counts, despite rounding.

    Both depend on the number of samples; the paper takes 50,000 of each. An
    outlier among the members makes a large ball: see `density_coverage`.

    Args:
        real: features `[N, D]`, N above k. Kept as they are; distances are
            computed in float64, in tiles of 16 MB.
        fake: features `[M, D]`, M above k.
        k: which neighbour, at least 1.

    Returns:
        A `PrecisionRecall`.

    Raises:
        ValueError: if there are no more samples than k, dimensions differ, or a
            number is not finite.

    Example:
        >>> features = np.random.default_rng(0).normal(size=(100, 4))
        >>> scores = kerasgan.metrics.precision_recall(features, features)
        >>> scores.precision, scores.recall
        (1.0, 1.0)

    Reference:
        Kynkaanniemi et al., "Improved precision and recall metric for assessing
        generative models", arXiv 1904.06991, equations 1 and 2.
    """
    k = check_count(k, "k")
    real, fake = check_pair(real, fake, at_least=k + 1)
    centre = neighbours.mean_of(real)
    both = [neighbours.Points(x, centre) for x in (real, fake)]
    reach_real, reach_fake = (_reach(points, k) for points in both)
    good, covered = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for rows, columns, squared in neighbours.tiles(*both):
        good[columns] |= (squared <= reach_real[rows, None]).any(axis=0)
        covered[rows] |= (squared <= reach_fake[columns]).any(axis=1)
    return PrecisionRecall(float(good.mean()), float(covered.mean()))


def _reach(points, k):
    radii = neighbours.squared_radii(points, k)
    return radii + neighbours.rounding(points, radii)
