"""The Frechet distance between two normal distributions."""

import warnings

import numpy as np

from kerasgan.metrics.feature_statistics import FeatureStatistics


def frechet_distance(
    real: np.ndarray | FeatureStatistics, fake: np.ndarray | FeatureStatistics
) -> float:
    """Computes the Frechet distance of two sets of features (Heusel 2017).

    With the means m and the covariances C (divided by N - 1) of both sets:

        d^2 = |m1 - m2|^2 + tr C1 + tr C2 - 2 tr (C1 C2)^(1/2)

    FID is this d^2 of the 2,048 pooled features of the Inception network of
    2015; of other features it is another number and needs another name.

    It falls with the number of samples: compare at the same number only. With
    no more samples than dimensions the covariances are singular. The number is
    then finite and exact for those covariances, but most of it is the small
    sample's bias, and a warning is given.

    Args:
        real: `FeatureStatistics`, or features `[N, D]`, N at least 2.
        fake: the same, of the same dimension; features `[M, D]`.

    Returns:
        A float, at least 0.

    Raises:
        ValueError: if one has fewer than two samples or numbers that are not
            finite, or if both differ in dimension or protocol.

    Example:
        >>> features = np.random.default_rng(0).normal(size=(100, 4))
        >>> round(kerasgan.metrics.frechet_distance(features, features + 1.0), 6)
        4.0

    Reference:
        Heusel et al., "GANs trained by a two time-scale update rule converge to
        a local Nash equilibrium", arXiv 1706.08500, equation 6; Dowson &
        Landau, "The Frechet distance between multivariate normal
        distributions", 1982.
    """
    real, fake = (
        x if isinstance(x, FeatureStatistics) else FeatureStatistics().update(x)
        for x in (real, fake)
    )
    real.check_comparable(fake)
    mean = real.mean
    distance = gaussian_frechet_distance(
        mean, real.covariance, fake.mean, fake.covariance
    )
    # A file of mu and sigma alone lacks it.
    counts = [x.count for x in (real, fake) if x.count is not None]
    if counts and min(counts) <= len(mean):
        warnings.warn(
            f"{min(counts)} samples of {len(mean)} dimensions: the covariance is "
            "singular, and a Frechet distance is mostly the small sample's bias",
            stacklevel=2,
        )
    return distance


def gaussian_frechet_distance(
    mean1: np.ndarray,
    covariance1: np.ndarray,
    mean2: np.ndarray,
    covariance2: np.ndarray,
) -> float:
    """Computes the squared Frechet distance of two normal distributions.

    The eigenvalues of C1 C2 are those of the symmetric C1^(1/2) C2 C1^(1/2),
    none of which is negative, so that the trace of the root is the sum of their
    roots. Nothing complex appears. Directions in which C1 has no more variance
    than the rounding of its largest (D eps times it) are left out: there the
    product is zero, and the root would make 1e-8 of a rounding of 1e-16.

    Args:
        mean1: `[D]`.
        covariance1: `[D, D]`, symmetric and positive semidefinite.
        mean2: `[D]`.
        covariance2: `[D, D]`.

    Returns:
        A float, at least 0, computed in float64; what rounding makes of zero is
        below 1e-8 times the traces.

    Raises:
        ValueError: if the shapes differ or a number is not finite.
    """
    mean1, mean2 = (np.asarray(x, "float64") for x in (mean1, mean2))
    c1, c2 = (np.asarray(x, "float64") for x in (covariance1, covariance2))
    size = mean1.shape[0] if mean1.ndim == 1 else -1
    if mean2.shape != (size,) or {c1.shape, c2.shape} != {(size, size)}:
        raise ValueError(
            "Expected means [D] and covariances [D, D] of the same D. Received: "
            f"mean1.shape={mean1.shape}, covariance1.shape={c1.shape}, "
            f"mean2.shape={mean2.shape}, covariance2.shape={c2.shape}"
        )
    for name, x in zip(
        ("mean1", "covariance1", "mean2", "covariance2"), (mean1, c1, mean2, c2)
    ):
        if not np.isfinite(np.asarray(x)).all():
            raise ValueError(f"`{name}` must be finite. Received: {name}={x}")
    values, vectors = np.linalg.eigh(c1)
    kept = values > values[-1] * size * np.finfo("float64").eps
    half = vectors[:, kept] * np.sqrt(values[kept])
    products = np.linalg.eigvalsh(half.T @ c2 @ half)
    root = np.sqrt(np.maximum(products, 0)).sum()
    shift = mean1 - mean2
    distance = shift @ shift + np.trace(c1) + np.trace(c2) - 2 * root
    return max(float(distance), 0.0)
