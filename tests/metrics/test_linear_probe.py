"""The probe against gradient descent of the same loss, written apart."""

import numpy as np
import pytest

from kerasgan.metrics import LinearProbe


def clusters(count, seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, count)
    centres = np.array([[0, 0, 5], [1.5, 0, 5], [0, 2.0, 5]])
    # One feature of a large scale, one that never changes.
    features = centres[labels] + random.normal(size=(count, 3)) * [1, 1, 0]
    return features * [1, 1000, 1], labels


def descended(features, labels, decay):
    """Returns the kernel [3, 2, classes] after long gradient descent."""
    x = features[:, :2] - features[:, :2].mean(axis=0)
    x = np.column_stack([x / x.std(axis=0), np.ones(len(x))])
    asked = np.eye(3)[labels]
    weights = np.zeros((3, 3))
    for _ in range(4000):
        p = np.exp(x @ weights)
        p /= p.sum(axis=1, keepdims=True)
        penalty = decay * weights * [[1], [1], [0]]
        weights -= 0.5 * (x.T @ (p - asked) / len(x) + penalty)
    return weights


@pytest.mark.parametrize("decay", [0.01, 1.0])
def test_it_is_softmax_regression(decay):
    features, labels = clusters(200, 0)
    probe = LinearProbe(features, labels, decay=decay)
    weights = descended(features, labels, decay)
    unseen, truth = clusters(500, 1)
    x = unseen[:, :2] - features[:, :2].mean(axis=0)
    x = np.column_stack([x / features[:, :2].std(axis=0), np.ones(len(x))])
    expected = (x @ weights).argmax(axis=1)
    found = probe.classify(unseen)
    assert found.dtype == "int32"
    # A point on the border may fall to either side.
    assert (found != expected).sum() <= 2
    accuracy = probe.accuracy(unseen, truth)
    assert accuracy == (found == truth).mean()
    assert 0.6 < accuracy < 0.95


@pytest.mark.parametrize(
    "labels, message",
    [
        ([0, 1], "must be 3 integers"),
        ([0.0, 1.0, 1.0], "must be 3 integers"),
        ([1, 1, 1], "two classes or more"),
        ([0, 1, -1], "at least 0"),
    ],
)
def test_wrong_labels(labels, message):
    with pytest.raises(ValueError, match=message):
        LinearProbe(np.eye(3), labels)


def test_wrong_features():
    probe = LinearProbe(np.eye(3), [0, 1, 1])
    with pytest.raises(ValueError, match=r"shape \[N, 3\]"):
        probe.classify(np.eye(2))
