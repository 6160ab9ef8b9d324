import numpy as np
import pytest

from kerasgan.metrics import distances, precision_recall


def features(count, dimension=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimension))


def brute_force(real, fake, k):
    """Pair by pair."""

    def within(x, members):
        for i, member in enumerate(members):
            others = sorted(
                np.linalg.norm(member - other)
                for j, other in enumerate(members)
                if j != i
            )
            if np.linalg.norm(x - member) <= others[k - 1]:
                return True
        return False

    precision = np.mean([within(x, real) for x in fake])
    recall = np.mean([within(x, fake) for x in real])
    return precision, recall


def both(real, fake, **kwargs):
    found = precision_recall(real, fake, **kwargs)
    return found.precision, found.recall


@pytest.fixture
def small_tiles(monkeypatch):
    monkeypatch.setattr(distances, "_ROWS", 5)
    monkeypatch.setattr(distances, "_COLUMNS", 3)


@pytest.mark.parametrize("k", [1, 3, 6])
def test_pair_by_pair(k):
    real, fake = features(31), 0.8 * features(23, seed=1) + 0.5
    assert both(real, fake, k=k) == brute_force(real, fake, k)


def test_tiles_leave_no_trace(small_tiles):
    real, fake = features(31), 0.8 * features(23, seed=1) + 0.5
    assert both(real, fake) == brute_force(real, fake, 3)


def test_by_hand():
    real = np.array([[0.0], [1], [2], [10]])
    fake = np.array([[1.0], [3], [19], [-5]])
    # k = 1: real balls [-1, 1], [0, 2], [1, 3], [2, 18].
    assert precision_recall(real, fake, k=1).precision == 0.5
    # Those of the fake ones: [-1, 3], [1, 5], [3, 35], [-11, 1].
    assert precision_recall(real, fake, k=1).recall == 1


def test_a_collapsed_generator():
    real = features(40)
    # Always the same real image: good, but next to nothing of the data.
    assert both(real, np.repeat(real[7:8], 40, axis=0)) == (1, 1 / 40)
    # Far from zero, where products round most.
    found = both(real + 1e4, np.repeat(real[7:8] + 1e4, 40, axis=0))
    assert found == (1, 1 / 40)


def test_the_rim_belongs_to_a_ball():
    for seed in range(50):
        one, other = features(2, 30, seed) / 3
        # As far from one of both as they are from each other.
        rim = np.stack([2 * one - other, 2 * other - one])
        assert both(rim, np.stack([one, other]), k=1)[1] == 1
        assert both(np.stack([one, other]), rim, k=1)[0] == 1


def test_float32_features_far_from_zero():
    # In float32, products of 1e4 would drown distances of 1e-2.
    real = (1e-2 * features(60) + 1e3).astype("float32")
    fake = (1e-2 * features(50, seed=1) + 1e3).astype("float32")
    real[30:] += 100
    fake[25:] += 100
    exact = [x.astype("float64") for x in (real, fake)]
    assert both(real, fake) == brute_force(*exact, 3)


def test_what_does_not_fit():
    x = features(30)
    with pytest.raises(ValueError, match="`fake` must have at least 4 rows"):
        precision_recall(x, x[:3])
    with pytest.raises(ValueError, match="`real` must have at least 4 rows"):
        precision_recall(x[:3], x)
    with pytest.raises(ValueError, match="same dimension"):
        precision_recall(x, x[:, :2])
    with pytest.raises(ValueError, match="`fake` must be finite"):
        precision_recall(x, x * np.nan)
    with pytest.raises(ValueError, match="`k`.*k=0"):
        precision_recall(x, x, k=0)
