"""The kernel distance between two sets of features."""

import dataclasses

import numpy as np

from kerasgan.metrics.arrays import blocks, check_count, check_pair


@dataclasses.dataclass(frozen=True)
class KernelDistance:
    """The result of `kernel_distance`.

    Attributes:
        mean: the mean over the subsets.
        std: their standard deviation (divided by their number). It is the
            spread of one subset, not the uncertainty of the mean.
        per_subset: float64 `[subsets]`.
    """

    mean: float
    std: float
    per_subset: np.ndarray


def kernel_distance(
    real: np.ndarray,
    fake: np.ndarray,
    subsets: int = 100,
    subset_size: int = 1000,
    seed: int = 0,
) -> KernelDistance:
    """Computes the kernel distance of two sets of features (Binkowski 2018).

    The mean of `squared_mmd` over random subsets of both sets. KID is this
    number of the 2,048 pooled features of the Inception network of 2015. It has
    no bias: it does not depend on the number of samples, and where both sets
    are of one distribution it lies around 0, on both sides.

    Subsets are drawn as torch-fidelity does, by `numpy.random.RandomState`:
    first of `real`, then of `fake`, without repetition within a subset. Equal
    seeds, and the sets in the same order, give its numbers.

    Args:
        real: features `[N, D]`, N at least `subset_size`. A subset at a time is
            taken to float64; the rest stays as it is.
        fake: features `[M, D]`, M at least `subset_size`.
        subsets: how many, at least 1.
        subset_size: rows of each subset, at least 2. The field's 1,000.
        seed: of the subsets, an integer from 0 to 2^32 - 1.

    Returns:
        A `KernelDistance`.

    Raises:
        ValueError: if there are fewer samples than `subset_size`, if dimensions
            differ or a number is not finite.

    Reference:
        Binkowski et al., "Demystifying MMD GANs", arXiv 1801.01401, section 4.
    """
    real, fake = check_pair(real, fake, at_least=2)
    subsets = check_count(subsets, "subsets")
    subset_size = check_count(subset_size, "subset_size", at_least=2)
    if min(len(real), len(fake)) < subset_size:
        raise ValueError(
            f"`subset_size` must be at most {min(len(real), len(fake))}, the "
            f"number of samples. Received: subset_size={subset_size}"
        )
    random = np.random.RandomState(seed)
    estimates = np.empty(subsets)
    for i in range(subsets):
        real_subset, fake_subset = (
            x[random.choice(len(x), subset_size, replace=False)]
            for x in (real, fake)
        )
        estimates[i] = _squared_mmd(real_subset, fake_subset)
    return KernelDistance(
        float(estimates.mean()), float(estimates.std()), estimates
    )


def squared_mmd(real: np.ndarray, fake: np.ndarray) -> float:
    """Estimates MMD^2 without bias, with the kernel (x . y / D + 1)^3.

        sum_{i != j} k(x_i, x_j) / (n (n - 1)) + sum_{i != j} k(y_i, y_j) / (m (m - 1))
            - 2 sum_{i, j} k(x_i, y_j) / (n m)

    in float64, of blocks of 1,024 rows, so that memory does not grow with the
    square of the number of samples.

    Args:
        real: `[n, D]`, n at least 2.
        fake: `[m, D]`, m at least 2.

    Returns:
        A float, negative half of the time if both are of one distribution.

    Reference:
        Gretton et al., "A kernel two-sample test", 2012, equation 3.
    """
    return _squared_mmd(*check_pair(real, fake, at_least=2))


def _squared_mmd(real, fake):
    # Scaled once, here, instead of each product.
    scale = np.sqrt(real.shape[1])
    x, y = (np.asarray(a, "float64") / scale for a in (real, fake))
    return (
        _mean_of_others(x)
        + _mean_of_others(y)
        - 2 * _kernel_sum(x, y) / (len(x) * len(y))
    )


def _mean_of_others(x):
    """Computes the mean of k(x_i, x_j) over i != j."""
    own = np.einsum("nd,nd->n", x, x) + 1
    return (_kernel_sum(x, x) - (own**3).sum()) / (len(x) * (len(x) - 1))


def _kernel_sum(x, y):
    total = 0.0
    for rows in blocks(len(x)):
        for columns in blocks(len(y)):
            products = x[rows] @ y[columns].T
            products += 1
            cubes = products * products
            cubes *= products
            total += cubes.sum()
    return total
