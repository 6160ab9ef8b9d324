import functools

import numpy as np
import pytest

from kerasgan.metrics import frechet_distance, repeated


def test_disjoint_parts():
    seen = []

    def metric(x, y):
        seen.append((x.ravel().tolist(), y.ravel().tolist()))
        return x.mean()

    x, y = np.arange(40)[:, None], np.arange(50)[:, None]
    found = repeated(metric, x, y, size=10, repeats=4)
    assert found.disjoint
    assert sorted(sum((a for a, _ in seen), [])) == list(range(40))
    assert len(set(sum((b for _, b in seen), []))) == 40
    means = [np.mean(a) for a, _ in seen]
    np.testing.assert_array_equal(found.values, means)
    assert found.mean == pytest.approx(np.mean(means))
    assert found.std == pytest.approx(np.std(means, ddof=1))
    assert (found.size, found.seed) == (10, 0)


def test_overlapping_parts_say_so():
    sizes = []

    def metric(x):
        sizes.append(len(np.unique(x)))
        return 0.0

    found = repeated(metric, np.arange(40), size=30, repeats=4)
    assert not found.disjoint
    assert sizes == [30] * 4


def test_seeds():
    x = np.random.default_rng(0).normal(size=100)
    draw = functools.partial(repeated, np.mean, x, size=20, repeats=5)
    np.testing.assert_array_equal(draw(seed=1).values, draw(seed=1).values)
    assert draw(seed=1).mean == pytest.approx(x.mean())
    assert draw(seed=1).std != draw(seed=2).std


def test_the_number_is_that_of_the_size():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(2, 2000, 8))
    of_few = repeated(frechet_distance, x, y, size=50)
    # Each has a bias of about 1 / size; a set kept whole has none to add.
    assert of_few.mean > 5 * frechet_distance(x, y)
    kept = repeated(lambda f: frechet_distance(x, f), y, size=50)
    assert of_few.mean > 1.5 * kept.mean


def test_what_does_not_fit():
    x = np.arange(10.0)
    with pytest.raises(ValueError, match="`size` must be at most 10.*size=11"):
        repeated(np.mean, x, size=11)
    with pytest.raises(ValueError, match="at least 2.*repeats=1"):
        repeated(np.mean, x, size=5, repeats=1)
    with pytest.raises(ValueError, match="`metric` must give finite.*nan"):
        repeated(lambda x: np.nan, x, size=5)
    with pytest.raises(ValueError, match="`size` must be at most 0"):
        repeated(np.mean, size=5)
