import tracemalloc

import numpy as np
import pytest

from kerasgan.metrics import InceptionScore, inception_score


def logits(count, classes=7, seed=0):
    return 2 * np.random.default_rng(seed).normal(size=(count, classes))


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def slow_score(p):
    """Sample by sample."""
    q = p.mean(axis=0)
    divergences = [sum(a * np.log(a / b) for a, b in zip(row, q)) for row in p]
    return np.exp(np.mean(divergences))


def test_sample_by_sample():
    x = logits(50)
    found = inception_score(x, splits=3)
    p = softmax(x)
    scores = [slow_score(p[a:b]) for a, b in ((0, 16), (16, 33), (33, 50))]
    assert found == pytest.approx((np.mean(scores), np.std(scores)), rel=1e-12)


def test_every_class_once_and_surely():
    found = inception_score(np.eye(10), splits=1, from_logits=False)
    assert found == pytest.approx((10, 0), rel=1e-12)
    sure = inception_score(1000 * np.eye(10), splits=1)
    assert sure == pytest.approx((10, 0), rel=1e-12)


def test_samples_that_are_all_alike():
    found = inception_score(np.tile(logits(1), (100, 1)))
    assert found == pytest.approx((1, 0), rel=1e-12, abs=1e-12)


def test_logits_and_their_probabilities_are_the_same():
    x = logits(60)
    assert inception_score(x, 4) == pytest.approx(
        inception_score(softmax(x), 4, from_logits=False), rel=1e-12
    )
    # Only differences of logits count, also where exp would overflow.
    assert inception_score(x + 5000, 4) == pytest.approx(
        inception_score(x, 4), rel=1e-9
    )


@pytest.mark.parametrize("batch_size", [1, 7, 64, 5000])
def test_independent_of_the_batch_size(batch_size):
    x = logits(5000).astype("float32")
    score = InceptionScore(total=5000, splits=3)
    for start in range(0, 5000, batch_size):
        score.update(x[start : start + batch_size])
    assert score.result() == pytest.approx(inception_score(x, 3), rel=1e-12)


def test_a_large_part():
    x = logits(9000)
    found = inception_score(x, splits=1)[0]
    p = softmax(x)
    wanted = np.exp((p * np.log(p / p.mean(axis=0))).sum(axis=1).mean())
    assert found == pytest.approx(wanted, rel=1e-12)


def test_float32_logits_are_computed_in_float64():
    x = logits(200).astype("float32")
    assert inception_score(x) == inception_score(x.astype("float64"))


def test_memory_is_constant():
    score = InceptionScore(total=50_000)
    tracemalloc.start()
    for seed in range(10):
        score.update(logits(5000, seed=seed))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A batch is 0.3 MB, all of them 2.8 MB.
    assert peak < 1.5e6
    assert 1 < score.result()[0] < 7


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="at least the 10 splits.*total=9"):
        inception_score(logits(9))
    with pytest.raises(ValueError, match="`total`.*total=20, and 21 samples"):
        InceptionScore(20).update(logits(21))
    with pytest.raises(ValueError, match="`total`.*total=20, and 19 samples"):
        InceptionScore(20).update(logits(19)).result()
    with pytest.raises(ValueError, match=r"shape \[N, 7\].*\(2, 6\)"):
        InceptionScore(20).update(logits(2)).update(logits(2, 6))
    with pytest.raises(ValueError, match="`scores` must be finite, and row 0"):
        inception_score(logits(20) * np.nan)
    with pytest.raises(ValueError, match="must be probabilities"):
        inception_score(logits(20), from_logits=False)
    with pytest.raises(ValueError, match="must be probabilities"):
        inception_score(np.full((20, 3), 0.5), from_logits=False)
    with pytest.raises(ValueError, match="`splits`.*splits=0"):
        inception_score(logits(20), splits=0)
