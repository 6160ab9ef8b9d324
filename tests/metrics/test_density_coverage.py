import tracemalloc

import numpy as np
import pytest

from kerasgan.metrics import density_coverage, distances


def features(count, dimension=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimension))


def brute_force(real, fake, k):
    """Pair by pair."""
    inside, covered = 0, 0
    for i, member in enumerate(real):
        others = sorted(
            np.linalg.norm(member - other)
            for j, other in enumerate(real)
            if j != i
        )
        count = sum(np.linalg.norm(x - member) < others[k - 1] for x in fake)
        inside += count
        covered += count > 0
    return inside / (k * len(fake)), covered / len(real)


def both(real, fake, **kwargs):
    found = density_coverage(real, fake, **kwargs)
    return found.density, found.coverage


@pytest.mark.parametrize("k", [1, 5, 8])
def test_pair_by_pair(k):
    real, fake = features(31), 0.8 * features(23, seed=1) + 0.5
    assert both(real, fake, k=k) == pytest.approx(brute_force(real, fake, k))


def test_tiles_leave_no_trace(monkeypatch):
    real, fake = features(31), 0.8 * features(23, seed=1) + 0.5
    found = both(real, fake)
    monkeypatch.setattr(distances, "_ROWS", 4)
    monkeypatch.setattr(distances, "_COLUMNS", 3)
    assert both(real, fake) == found


def test_by_hand():
    real = np.array([[0.0], [1], [2], [10]])
    fake = np.array([[0.5], [1.5], [3], [30]])
    # k = 1: the open balls (-1, 1), (0, 2), (1, 3), (2, 18).
    assert both(real, fake, k=1) == (5 / 4, 1)
    assert both(real, fake[:1], k=1) == (2, 0.5)


def test_the_rim_does_not_belong_to_a_ball():
    for seed in range(50):
        one, other = features(2, 30, seed) / 3
        # As far from one of both as they are from each other.
        rim = np.stack([2 * one - other, 2 * other - one])
        assert both(np.stack([one, other]), rim, k=1) == (0, 0)


@pytest.mark.parametrize("place", [0, 100, 1e4])
def test_equal_sets_have_a_density_of_one(place):
    x = features(500) + place
    assert both(x, x[::-1]) == (1, 1)


def test_memory_is_bounded():
    real, fake = features(8000, 4), features(3000, 4, seed=1)
    tracemalloc.start()
    density_coverage(real, fake)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # All distances at once would be 192 MB and 512 MB.
    assert peak < 40e6


def test_what_does_not_fit():
    x = features(30)
    with pytest.raises(ValueError, match="`real` must have more than 5 rows"):
        density_coverage(x[:5], x)
    with pytest.raises(ValueError, match="`fake` must have at least 1 rows"):
        density_coverage(x, x[:0])
    with pytest.raises(ValueError, match="same dimension"):
        density_coverage(x, x[:, :2])
    with pytest.raises(ValueError, match="`real` must be finite"):
        density_coverage(x * np.nan, x)
    with pytest.raises(ValueError, match="`k`.*k=2.5"):
        density_coverage(x, x, k=2.5)
