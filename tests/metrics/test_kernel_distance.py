import numpy as np
import pytest

from kerasgan.metrics import kernel_distance, squared_mmd


def slow_mmd(x, y):
    """Pair by pair."""

    def k(a, b):
        return (float(a @ b) / len(a) + 1) ** 3

    n, m = len(x), len(y)
    xx = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j)
    yy = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j)
    xy = sum(k(a, b) for a in x for b in y)
    return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m)


def features(count, dimension=6, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimension))


def test_pair_by_pair():
    x, y = features(9), 1.3 * features(7, seed=1)
    assert squared_mmd(x, y) == pytest.approx(slow_mmd(x, y), rel=1e-12)


def test_by_hand():
    # k(0, 0) = 1, k(1, 1) = 8, k(0, 1) = 1 in one dimension.
    assert squared_mmd([[0.0], [0.0]], [[1.0], [1.0]]) == 1 + 8 - 2
    assert squared_mmd([[0.0], [1.0]], [[0.0], [1.0]]) == pytest.approx(
        1 + 1 - 2 * (1 + 1 + 1 + 8) / 4
    )


def test_blocks_leave_no_trace():
    x, y = features(1500), features(1100, seed=1) + 0.2
    k = lambda a, b: (a @ b.T / 6 + 1) ** 3  # noqa: E731
    xx, yy = k(x, x), k(y, y)
    np.fill_diagonal(xx, 0)
    np.fill_diagonal(yy, 0)
    wanted = (
        xx.sum() / (1500 * 1499) + yy.sum() / (1100 * 1099) - 2 * k(x, y).mean()
    )
    assert squared_mmd(x, y) == pytest.approx(wanted, rel=1e-10)


def test_subsets():
    x, y = features(200), features(150, seed=1) + 0.5
    found = kernel_distance(x, y, subsets=20, subset_size=50, seed=3)
    assert found.per_subset.shape == (20,)
    assert found.mean == pytest.approx(found.per_subset.mean())
    assert found.std == pytest.approx(found.per_subset.std())
    # The mean over subsets estimates the same as all pairs at once.
    error = found.std / np.sqrt(20)
    assert abs(found.mean - squared_mmd(x, y)) < 4 * error
    again = kernel_distance(x, y, subsets=20, subset_size=50, seed=3)
    np.testing.assert_array_equal(found.per_subset, again.per_subset)
    other = kernel_distance(x, y, subsets=20, subset_size=50, seed=4)
    assert found.mean != other.mean


def test_a_subset_of_all_samples_is_all_samples():
    x, y = features(40), features(40, seed=1)
    found = kernel_distance(x, y, subsets=3, subset_size=40)
    np.testing.assert_allclose(found.per_subset, squared_mmd(x, y), rtol=1e-9)


def test_float32_features_are_computed_in_float64():
    # Kernels near 1e5 and a difference near 1.
    x = (features(300) + 50).astype("float32")
    y = (features(300, seed=1) + 50).astype("float32")
    exact = squared_mmd(x.astype("float64"), y.astype("float64"))
    assert squared_mmd(x, y) == exact


def test_what_does_not_fit():
    x = features(30)
    with pytest.raises(ValueError, match="`subset_size` must be at most 20"):
        kernel_distance(x, x[:20], subset_size=21)
    with pytest.raises(ValueError, match="at least 2.*subset_size=1"):
        kernel_distance(x, x, subset_size=1)
    with pytest.raises(ValueError, match="`subsets`.*subsets=0"):
        kernel_distance(x, x, subsets=0, subset_size=10)
    with pytest.raises(ValueError, match="`fake` must have at least 2 rows"):
        squared_mmd(x, x[:1])
    with pytest.raises(ValueError, match="same dimension"):
        squared_mmd(x, x[:, :2])
    with pytest.raises(ValueError, match="`real` must be finite, and row 0"):
        squared_mmd(x * np.nan, x)
