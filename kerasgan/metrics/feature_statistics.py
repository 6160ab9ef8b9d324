"""The mean and covariance of features, gathered as they come."""

import numpy as np

from kerasgan.metrics import statistics_file
from kerasgan.metrics.arrays import check_features
from kerasgan.utils.typing import Any, PathLike

# Whatever came in batches is taken up in blocks of as many rows, always the
# same ones, so that the size of the batches leaves no trace.
_BLOCK = 1024


class FeatureStatistics:
    """Count, mean and covariance of features, in constant memory.

    Rows are gathered into blocks of 1,024. Of a block of m rows with the mean b
    and the scatter S_b = sum (x - b) (x - b)^T, taken up into n rows with the
    mean a and the scatter S, comes (Chan, Golub & LeVeque 1979):

        mean = a + (b - a) m / (n + m)
        S <- S + S_b + (b - a) (b - a)^T n m / (n + m)

    in float64, of rows from which the first row was subtracted. Nothing is ever
    computed as a difference of large sums, so that a large mean and a small
    variance loses nothing. The numbers do not depend, bit by bit, on the sizes
    of the batches.

    Args:
        feature: what the features are, such as `"inception-768"`.
        resize: how images came to the network's size.
        weights: the SHA-256 of the network's weights.
        source: what was measured, such as `"tfds:celeb_a test"`.

    Statistics can be compared only if the first three agree:
    `kerasgan.metrics.frechet_distance`, `merge` and `load` reject statistics
    that differ in one of them. `None` means unknown and matches everything.

    Memory: `dimension**2 + 1024 * dimension` numbers of 8 bytes, 11 MB for 768
    dimensions and 50 MB for 2,048, and some copies of it in passing.

    Reference:
        Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for
        computing sample variances", 1979, equation 2.1.

    >>> statistics = kerasgan.metrics.FeatureStatistics(feature="toy")
    >>> statistics.update([[0.0, 1.0], [2.0, 1.0]]).mean
    array([1., 1.])
    """

    def __init__(
        self,
        feature: str | None = None,
        resize: str | None = None,
        weights: str | None = None,
        source: str | None = None,
    ) -> None:
        self.feature = feature
        self.resize = resize
        self.weights = weights
        self.source = source
        self._taken: int | None = 0
        # All rows, and the mean, are kept as differences from it.
        self._origin = np.zeros(0)
        self._mean: np.ndarray | None = None
        self._scatter: np.ndarray | None = None
        self._buffer = np.empty((_BLOCK, 0))
        self._waiting = 0

    @property
    def count(self) -> int | None:
        """The number of rows so far; None if it is unknown."""
        return None if self._taken is None else self._taken + self._waiting

    @property
    def dimension(self) -> int | None:
        """The number of features, `None` before the first `update`."""
        return None if self._mean is None else len(self._mean)

    @property
    def mean(self) -> np.ndarray:
        """float64 `[dimension]`."""
        self._require(1)
        return self._origin + self._total()[1]

    @property
    def covariance(self) -> np.ndarray:
        """float64 `[dimension, dimension]`, symmetric, divided by count - 1."""
        self._require(2)
        count, _, scatter = self._total()
        return scatter.copy() if self._taken is None else scatter / (count - 1)

    @property
    def protocol(self) -> dict[str, Any]:
        """What makes the numbers comparable, as JSON takes it."""
        return {
            "feature": self.feature,
            "resize": self.resize,
            "weights": self.weights,
            "source": self.source,
            "dimension": self.dimension,
            "count": self.count,
        }

    def update(self, features: np.ndarray) -> "FeatureStatistics":
        """Take in more rows.

        Args:
            features: `[N, dimension]`, any N, finite real numbers. A memory map
                is read 1,024 rows at a time.

        Returns:
            The statistics themselves.

        Raises:
            ValueError: if the shape does not fit or a number is not finite.
                Nothing of the batch is taken in then. If `count` is unknown.
        """
        self._require_known()
        features = check_features(features, at_least=0)
        if len(features):
            self._require_dimension(features.shape[1], features[0])
        taken = 0
        while taken < len(features):
            size = min(_BLOCK - self._waiting, len(features) - taken)
            np.subtract(
                features[taken : taken + size],
                self._origin,
                out=self._buffer[self._waiting : self._waiting + size],
            )
            self._waiting += size
            taken += size
            if self._waiting == _BLOCK:
                self._take(*self._total())
        return self

    def merge(self, other: "FeatureStatistics") -> "FeatureStatistics":
        """Take in what other statistics hold, which stay as they are.

        The order of merging moves the numbers by their rounding alone.

        Args:
            other: the other statistics.

        Returns:
            The statistics themselves; their source names both.

        Raises:
            ValueError: if dimension or protocol differ, or a `count` is
                unknown.
        """
        self._require_known()
        other._require_known()
        self.check_comparable(other)
        if other.dimension is None:
            return self
        self._require_dimension(other.dimension, other._origin)
        count, mean, scatter = other._total()
        # The difference of the origins is exact, or nearly so.
        mean = mean + (other._origin - self._origin)
        self._take(*_combined(self._total(), (count, mean, scatter)))
        for name in ("feature", "resize", "weights"):
            if getattr(self, name) is None:
                setattr(self, name, getattr(other, name))
        if other.source not in (None, self.source):
            sources = [s for s in (self.source, other.source) if s]
            self.source = " + ".join(sources)
        return self

    def check_comparable(self, other: "FeatureStatistics") -> None:
        """Raise a ValueError if `other` was made in another way.

        Args:
            other: the other statistics.
        """
        for name in ("feature", "resize", "weights", "dimension"):
            own, others = getattr(self, name), getattr(other, name)
            if None not in (own, others) and own != others:
                raise ValueError(
                    f"both statistics must be of the same `{name}`. Received: "
                    f"{name}={own!r} and {name}={others!r}"
                )

    def save(self, path: PathLike) -> None:
        """Write an `.npz` file, whole or not at all.

        It holds `count`, `mean`, `scatter`, which is the covariance times
        count - 1, and `protocol`, a JSON text. The numbers come back bit by
        bit, and the statistics read can be added to. For pytorch-fid and others
        `np.savez(path, mu=statistics.mean, sigma=statistics.covariance)`.

        Args:
            path: the file, which ends in `.npz`.

        Raises:
            ValueError: with fewer than two rows, or an unknown `count`.
        """
        self._require_known()
        self._require(2)
        count, _, scatter = self._total()
        statistics_file.write(path, count, self.mean, scatter, self.protocol)

    @classmethod
    def load(cls, path: PathLike, **expected: Any) -> "FeatureStatistics":
        """Read what `save` wrote, or a file with `mu` and `sigma`.

        The latter is what pytorch-fid, clean-fid and (`.pt`) torch-fidelity write: mean and
        covariance alone. Of such statistics `count` and the protocol are None.
        They can be compared, and the caller has to know that their features are
        the same; but nothing can be added to them.

        Args:
            path: the file.
            **expected: any of `feature`, `resize`, `weights`, `source`,
                `dimension` and `count`, which the file must then contain.

        Returns:
            `FeatureStatistics`.

        Raises:
            FileNotFoundError: if there is no file.
            ValueError: if the file is something else, is damaged, or says
                something else than expected.
        """
        arrays, known = statistics_file.read(path)
        protocol = {**dict.fromkeys(cls().protocol), **known}
        for name, value in expected.items():
            if name not in cls().protocol:
                raise TypeError(
                    "`load` can expect any of "
                    f"{', '.join(cls().protocol)}. Received: {name}={value!r}"
                )
            if protocol[name] != value:
                raise ValueError(
                    f"statistics with {name}={value!r} were expected. Received: "
                    f"{name}={protocol[name]!r}, path={str(path)!r}"
                )
        names = ("feature", "resize", "weights", "source")
        statistics = cls(**{name: protocol[name] for name in names})
        mean = arrays["mean"]
        statistics._require_dimension(len(mean), mean)
        statistics._take(
            protocol["count"], np.zeros_like(mean), arrays["scatter"]
        )
        return statistics

    def __repr__(self):
        known = {k: v for k, v in self.protocol.items() if v is not None}
        return f"FeatureStatistics({', '.join(f'{k}={v!r}' for k, v in known.items())})"

    def _total(self):
        """Returns `(count, mean, scatter)` of all rows; what waits stays waiting."""
        own = (self._taken, self._mean, self._scatter)
        if not self._waiting:
            return own
        rows = self._buffer[: self._waiting]
        mean = rows.mean(axis=0)
        centred = rows - mean
        return _combined(own, (len(rows), mean, centred.T @ centred))

    def _take(self, count, mean, scatter):
        self._taken, self._mean, self._scatter = count, mean, scatter
        self._waiting = 0

    def _require_known(self):
        if self._taken is None:
            raise ValueError(
                "statistics from a file of `mu` and `sigma` can be compared, "
                "but not added to or saved, since it does not say how many rows "
                "they were computed from. Received: count=None"
            )

    def _require(self, count):
        if self._taken is not None and self.count < count:
            raise ValueError(
                f"at least {count} rows of features are needed. Received: "
                f"count={self.count}"
            )

    def _require_dimension(self, dimension, origin):
        if self._mean is None:
            self._origin = np.array(origin, "float64")
            self._mean = np.zeros(dimension)
            self._scatter = np.zeros((dimension, dimension))
            self._buffer = np.empty((_BLOCK, dimension))
        elif dimension != self.dimension:
            raise ValueError(
                f"`features` must have the shape [N, {self.dimension}]. "
                f"Received: dimension={dimension}"
            )


def _combined(first, second):
    """Returns `(count, mean, scatter)` of the rows of both."""
    if not first[0]:
        return second
    if not second[0]:
        return first
    count = first[0] + second[0]
    shift = second[1] - first[1]
    mean = first[1] + shift * (second[0] / count)
    # Scaling the vector, not the matrix, saves a pass over it.
    step = shift * np.sqrt(first[0] * second[0] / count)
    scatter = np.outer(step, step)
    scatter += first[2]
    scatter += second[2]
    return count, mean, scatter
