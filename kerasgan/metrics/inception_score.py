"""The Inception score."""

import numpy as np

from kerasgan.metrics.arrays import check_count, check_features
from kerasgan.utils.typing import Any


class InceptionScore:
    """The Inception score, gathered as class scores come.

    Samples are divided, in their order, into `splits` parts of (nearly) equal
    size, of which part s begins at sample floor(s total / splits). In each,
    with p_i the distribution over classes of sample i and q their mean:

        score = exp(mean_i sum_c p_ic log(p_ic / q_c))

    between 1 (all samples alike, or all classes equally likely in each) and the
    number of classes. Only the sums of p and of p log p of each part are kept,
    in float64. Samples must come in random order: those of a labelled data set,
    sorted by class, would leave each part with one class.

    Args:
        total: how many samples there will be, at least `splits`.
        splits: the number of parts, at least 1; the field's 10.
        from_logits: whether `update` gets logits or probabilities.

    The score depends on the number of samples of a part: 50,000 in 10 parts are
    the field's.

    Reference:
        Salimans et al., "Improved techniques for training GANs", arXiv
        1606.03498, section 4.
    """

    def __init__(
        self, total: int, splits: int = 10, from_logits: bool = True
    ) -> None:
        self.splits = check_count(splits, "splits")
        self.total = check_count(total, "total")
        if self.total < self.splits:
            raise ValueError(
                f"`total` must be at least the {self.splits} splits. Received: "
                f"total={self.total}"
            )
        self.from_logits = from_logits
        self.count = 0
        self._sums: Any = None
        self._information = np.zeros(self.splits)
        parts = np.arange(self.splits + 1) * self.total // self.splits
        self._bounds = [int(bound) for bound in parts]

    def update(self, scores: np.ndarray) -> "InceptionScore":
        """Take in more samples.

        Args:
            scores: `[N, classes]`, logits, or probabilities (at least 0, with a
                sum of 1 within 1e-3, to which they are then scaled).

        Returns:
            The score itself, an `InceptionScore`.

        Raises:
            ValueError: if there are more samples than `total`, the number of
                classes changes, or numbers are not finite or no probabilities.
        """
        scores = check_features(scores, "scores", at_least=0)
        if self._sums is None:
            self._sums = np.zeros((self.splits, scores.shape[1]))
        if scores.shape[1] != self._sums.shape[1]:
            raise ValueError(
                f"`scores` must have the shape [N, {self._sums.shape[1]}]. "
                f"Received: scores.shape={scores.shape}"
            )
        if self.count + len(scores) > self.total:
            raise ValueError(
                f"`total` must be the number of all samples. Received: "
                f"total={self.total}, and {self.count + len(scores)} samples"
            )
        if not self.from_logits:
            _check_probabilities(scores)
        at = self.count
        for part, (start, end) in enumerate(
            zip(self._bounds, self._bounds[1:])
        ):
            # In pieces, so that a whole data set at once takes no more memory.
            for low in range(max(start, at), min(end, at + len(scores)), 4096):
                high = min(low + 4096, end, at + len(scores))
                p, p_log_p = self._terms(scores[low - at : high - at])
                self._sums[part] += p.sum(axis=0)
                self._information[part] += p_log_p.sum()
        self.count += len(scores)
        return self

    def result(self) -> tuple[float, float]:
        """Returns `(mean, std)` over the splits, two floats.

        The standard deviation is divided by the number of splits, as the
        field's code does.

        Raises:
            ValueError: if there were fewer samples than `total`.
        """
        scores = self.per_split()
        return float(scores.mean()), float(scores.std())

    def per_split(self) -> np.ndarray:
        """Returns each part's score, float64 `[splits]`."""
        if self.count != self.total:
            raise ValueError(
                f"`total` must be the number of all samples. Received: "
                f"total={self.total}, and {self.count} samples"
            )
        sizes = np.diff(self._bounds)
        q = self._sums / sizes[:, None]
        q_log_q = _times_log(q).sum(axis=1)
        return np.exp(self._information / sizes - q_log_q)

    def _terms(self, scores):
        """Returns p and p log p, `[N, classes]` each."""
        scores = np.asarray(scores, "float64")
        if not self.from_logits:
            p = scores / scores.sum(axis=1, keepdims=True)
            return p, _times_log(p)
        logits = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(logits)
        total = p.sum(axis=1, keepdims=True)
        p /= total
        return p, p * (logits - np.log(total))


def inception_score(
    scores: np.ndarray, splits: int = 10, from_logits: bool = True
) -> tuple[float, float]:
    """Computes the Inception score of all samples: see `InceptionScore`.

    Args:
        scores: `[N, classes]`, logits or probabilities, N at least `splits`.
        splits: the number of parts, at least 1.
        from_logits: whether `scores` are logits or probabilities.

    Returns:
        `(mean, std)` over the splits, two floats.
    """
    scores = np.asarray(scores)
    total = len(scores) if scores.ndim else 0
    return InceptionScore(total, splits, from_logits).update(scores).result()


def _check_probabilities(scores):
    sums = scores.sum(axis=1, dtype="float64")
    if len(scores) and (scores.min() < 0 or np.abs(sums - 1).max() > 1e-3):
        raise ValueError(
            "`scores` must be probabilities, at least 0 and with a sum of 1. "
            f"Received: scores.min()={scores.min()}, sums from {sums.min()} to "
            f"{sums.max()}"
        )


def _times_log(p):
    """Computes p log p, and 0 where p is 0."""
    return p * np.log(np.where(p > 0, p, 1))
