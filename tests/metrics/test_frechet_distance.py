import warnings

import numpy as np
import pytest
import scipy.linalg

from kerasgan.metrics import (
    FeatureStatistics,
    frechet_distance,
    gaussian_frechet_distance,
)


def covariance(size, seed=0, decay=3.0, rank=None):
    """Eigenvalues from 1 to exp(-decay), the last ones 0."""
    random = np.random.default_rng(seed)
    axes = np.linalg.qr(random.normal(size=(size, size)))[0]
    values = np.exp(-np.linspace(0, decay, size))
    values[rank:] = 0
    return (axes * values) @ axes.T


def by_sqrtm(mean1, c1, mean2, c2):
    shift = mean1 - mean2
    with warnings.catch_warnings():
        # It doubts the root of what is not symmetric.
        warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
        root = scipy.linalg.sqrtm(c1 @ c2).real
    return shift @ shift + np.trace(c1 + c2 - 2 * root)


def test_normal_distributions_of_one_dimension():
    found = gaussian_frechet_distance([1.0], [[4.0]], [3.0], [[9.0]])
    assert found == pytest.approx((1 - 3) ** 2 + (2 - 3) ** 2, rel=1e-14)


def test_covariances_with_the_same_axes():
    c = covariance(6)
    found = gaussian_frechet_distance(np.zeros(6), c, np.ones(6), 9 * c)
    # sum of (3 sqrt(l) - sqrt(l))^2
    assert found == pytest.approx(6 + 4 * np.trace(c), rel=1e-12)


@pytest.mark.parametrize("size", [2, 10, 100])
@pytest.mark.parametrize("decay", [0.5, 10])
def test_against_sqrtm(size, decay):
    random = np.random.default_rng(1)
    means = random.normal(size=(2, size)) / size
    c1, c2 = covariance(size, 0, decay), 2 * covariance(size, 1, decay)
    found = gaussian_frechet_distance(means[0], c1, means[1], c2)
    assert found == pytest.approx(
        by_sqrtm(means[0], c1, means[1], c2), rel=1e-6
    )
    turned = gaussian_frechet_distance(means[1], c2, means[0], c1)
    assert turned == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("rank", [0, 1, 7, 39])
def test_singular_covariances(rank):
    zero = np.zeros(40)
    c1, c2 = covariance(40, 0, rank=rank), covariance(40, 1)
    # Of the same axes the closed form holds, of others a limit.
    assert gaussian_frechet_distance(zero, c1, zero, 4 * c1) == pytest.approx(
        np.trace(c1), rel=1e-6, abs=1e-12
    )
    limit = gaussian_frechet_distance(zero, c1 + 1e-14 * np.eye(40), zero, c2)
    for pair in ((c1, c2), (c2, c1)):
        found = gaussian_frechet_distance(zero, pair[0], zero, pair[1])
        assert found == pytest.approx(limit, rel=1e-5)


def test_no_roots_of_roundings_below_zero():
    # The product has 37 zeros, of which rounding makes what it likes.
    x = np.random.default_rng(0).normal(size=(40, 3))
    with np.errstate(invalid="raise"):
        found = gaussian_frechet_distance(
            np.zeros(40), np.eye(40), np.zeros(40), x @ x.T
        )
    # Beside the unit matrix the closed form holds.
    values = np.linalg.svd(x, compute_uv=False)
    assert found == pytest.approx(37 + np.square(values - 1).sum(), rel=1e-6)


def test_orthogonal_supports_share_nothing():
    c1, c2 = np.diag([1.0, 2, 0, 0]), np.diag([0.0, 0, 3, 4])
    found = gaussian_frechet_distance(np.zeros(4), c1, np.zeros(4), c2)
    assert found == pytest.approx(10, rel=1e-14)


@pytest.mark.parametrize("count", [30, 500])
def test_a_set_and_itself(count):
    for seed in range(10):
        x = np.random.default_rng(seed).normal(size=(count, 60)) + 5
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert 0 <= frechet_distance(x, x) < 1e-6


def test_arrays_and_statistics_are_the_same():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(2, 300, 8)).astype("float32")
    statistics = FeatureStatistics(feature="a").update(real)
    found = frechet_distance(statistics, fake)
    assert found == frechet_distance(real, fake)
    assert frechet_distance(real[::-1], fake[::-1]) == pytest.approx(
        found, rel=1e-10
    )


def test_a_large_mean_costs_nothing():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(2, 300, 8))
    fake *= 1.5
    found = frechet_distance(real + 1e5, fake + 1e5)
    assert found == pytest.approx(frechet_distance(real, fake), rel=1e-8)


def test_few_samples_are_warned_of():
    random = np.random.default_rng(0)
    real, fake = random.normal(size=(2, 20, 20))
    with pytest.warns(UserWarning, match="20 samples of 20 dimensions"):
        found = frechet_distance(real, fake)
    c = [np.cov(x, rowvar=False) for x in (real, fake)]
    assert found == pytest.approx(
        by_sqrtm(real.mean(axis=0), c[0], fake.mean(axis=0), c[1]), rel=1e-6
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frechet_distance(real[:, :19], fake[:, :19])


def test_what_does_not_fit():
    x = np.random.default_rng(0).normal(size=(30, 4))
    with pytest.raises(ValueError, match="at least 2 rows.*count=1"):
        frechet_distance(x, x[:1])
    with pytest.raises(ValueError, match="same `dimension`"):
        frechet_distance(x, x[:, :3])
    with pytest.raises(ValueError, match="row 0 is not"):
        frechet_distance(x, x * np.nan)
    one = FeatureStatistics(weights="a").update(x)
    other = FeatureStatistics(weights="b").update(x)
    with pytest.raises(ValueError, match="same `weights`"):
        frechet_distance(one, other)
    eye = np.eye(2)
    with pytest.raises(ValueError, match=r"mean2.shape=\(3,\)"):
        gaussian_frechet_distance(np.zeros(2), eye, np.zeros(3), eye)
    with pytest.raises(ValueError, match="`covariance2` must be finite"):
        gaussian_frechet_distance(np.zeros(2), eye, np.zeros(2), eye + np.inf)
