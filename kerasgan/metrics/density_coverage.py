"""Density and coverage."""

import dataclasses

import numpy as np

from kerasgan.metrics import distances as neighbours
from kerasgan.metrics.arrays import check_count, check_pair


@dataclasses.dataclass(frozen=True)
class DensityCoverage:
    """The result of `density_coverage`.

    Attributes:
        density: how many balls of real samples a generated one lies in, over k,
            on the average. At least 0, 1 where both sets are of one
            distribution, above it where generated samples crowd in dense
            regions.
        coverage: the fraction of real samples with a generated one in their
            ball. From 0 to 1.
    """

    density: float
    coverage: float


def density_coverage(
    real: np.ndarray, fake: np.ndarray, k: int = 5
) -> DensityCoverage:
    """Computes density and coverage (Naeem et al. 2020).

    The ball of a real sample has the distance to its k-th nearest other real
    sample as the radius; the rim does not belong to it, as in the authors'
    code, so that two equal sets without duplicates have a density of exactly 1.
    What lies on the rim by formula does not count, despite rounding. A
    real sample with k duplicates has an empty ball.

    Unlike in `precision_recall`, balls are around real samples only, and an
    outlier adds 1 / k instead of 1.

    Args:
        real: features `[N, D]`, N above k. Kept as they are; distances are
            computed in float64, in tiles of 16 MB.
        fake: features `[M, D]`, at least one.
        k: which neighbour, at least 1. Coverage of one and the same
            distribution is 1 - 2^-k where N = M is large.

    Returns:
        A `DensityCoverage`.

    Raises:
        ValueError: if there are no more real samples than k, dimensions differ,
            or a number is not finite.

    Reference:
        Naeem et al., "Reliable fidelity and diversity metrics for generative
        models", arXiv 2002.09797, equations 3 and 4.
    """
    k = check_count(k, "k")
    real, fake = check_pair(real, fake, at_least=1)
    if len(real) <= k:
        raise ValueError(
            f"`real` must have more than {k} rows, the k. Received: "
            f"real.shape={real.shape}"
        )
    centre = neighbours.mean_of(real)
    members, others = (neighbours.Points(x, centre) for x in (real, fake))
    radii = neighbours.squared_radii(members, k)
    reach = radii - neighbours.rounding(members, radii)
    inside, covered = 0, np.zeros(len(real), bool)
    for rows, _, squared in neighbours.tiles(members, others):
        counts = np.count_nonzero(squared < reach[rows, None], axis=1)
        inside += int(counts.sum())
        covered[rows] |= counts > 0
    return DensityCoverage(inside / (k * len(fake)), float(covered.mean()))
