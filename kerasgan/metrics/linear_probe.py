"""A linear classifier of features."""

import numpy as np

from kerasgan.metrics.arrays import check_features
from kerasgan.utils.typing import Any


class LinearProbe:
    """A linear classifier of features, softmax regression.

    It measures a generator of classes: fitted on features of real training
    images, its accuracy on samples says how often the class that was asked for
    is recognized. Its accuracy on real test images is the most to be reached.

    Features are scaled to mean 0 and variance 1 of the training's. The weights
    minimize the mean cross entropy, plus `decay / 2` times the sum of their
    squares, by L-BFGS from zeros, so that the same features give the same
    probe.

    Args:
        features: real numbers `[N, D]`, to fit on.
        labels: their classes, integers `[N]` from 0 on, at least two kinds.
        decay: of the weights, at least 0.
        iterations: the most of L-BFGS, at least 1.

    Raises:
        ValueError: an array of another shape, not finite, or one class only.

    Reference:
        Alain & Bengio, "Understanding intermediate layers using linear
        classifier probes", arXiv 1610.01644; Shmelkov et al., "How good is my
        GAN?", arXiv 1807.09499 (GAN-test).

    Example:
        >>> features = [[0.0, 1.0], [0.2, 0.9], [1.0, 0.0], [0.8, 0.1]]
        >>> probe = kerasgan.metrics.LinearProbe(features, [0, 0, 1, 1])
        >>> probe.accuracy([[0.1, 0.7], [0.9, 0.4]], [0, 1])
        1.0
    """

    def __init__(
        self,
        features: Any,
        labels: Any,
        decay: float = 1e-3,
        iterations: int = 200,
    ) -> None:
        from scipy import optimize

        features = check_features(features, at_least=2)
        labels = _check_labels(labels, len(features))
        self.num_classes = int(labels.max()) + 1
        if len(np.unique(labels)) < 2:
            raise ValueError(
                "`labels` must be of two classes or more. "
                f"Received: labels={labels[0]} alone"
            )
        self._mean = features.mean(axis=0, dtype="float64")
        deviation = features.std(axis=0, dtype="float64")
        # What never changes says nothing.
        self._scale = np.divide(
            1.0, deviation, out=np.zeros_like(deviation), where=deviation > 0
        )
        x = self._scaled(features)
        asked = np.zeros((len(x), self.num_classes), "float32")
        asked[np.arange(len(x)), labels] = 1
        shape = (x.shape[1] + 1, self.num_classes)

        def loss(parameters):
            parameters = parameters.reshape(shape)
            kernel, bias = parameters[:-1], parameters[-1]
            logits = x @ kernel.astype("float32") + bias.astype("float32")
            logits -= logits.max(axis=1, keepdims=True)
            p = np.exp(logits)
            total = p.sum(axis=1, keepdims=True)
            p /= total
            entropy = np.log(total[:, 0]) - (logits * asked).sum(axis=1)
            gradient = np.empty(shape)
            p -= asked
            gradient[:-1] = x.T @ p / len(x) + decay * kernel
            gradient[-1] = p.mean(axis=0)
            value = entropy.mean(dtype="float64")
            value += decay / 2 * np.square(kernel).sum()
            return value, gradient.ravel()

        minimum = optimize.minimize(
            loss,
            np.zeros(shape).ravel(),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": iterations},
        )
        self._parameters = minimum.x.reshape(shape)

    def classify(self, features: Any) -> np.ndarray:
        """Returns the likeliest classes, int32 `[N]`.

        Args:
            features: real numbers `[N, D]`.

        Raises:
            ValueError: features of another dimension, or not finite.
        """
        features = check_features(features)
        dimension = len(self._mean)
        if features.shape[1] != dimension:
            raise ValueError(
                f"`features` must have the shape [N, {dimension}]. Received: "
                f"features.shape={features.shape}"
            )
        kernel, bias = self._parameters[:-1], self._parameters[-1]
        logits = self._scaled(features) @ kernel + bias
        return logits.argmax(axis=1).astype("int32")

    def accuracy(self, features: Any, labels: Any) -> float:
        """Returns how often the classes of features are recognized, 0 to 1.

        Args:
            features: real numbers `[N, D]`.
            labels: their true classes, integers `[N]`.

        Raises:
            ValueError: as of `classify`, or as many labels are not there.
        """
        classes = self.classify(features)
        return float((classes == _check_labels(labels, len(classes))).mean())

    def _scaled(self, features):
        return ((features - self._mean) * self._scale).astype("float32")


def _check_labels(labels, count):
    labels = np.asarray(labels)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise ValueError(
            f"`labels` must be {count} integers, one for each row. Received: "
            f"{labels.dtype} of shape {labels.shape}"
        )
    if labels.min() < 0:
        raise ValueError(
            f"`labels` must be at least 0. Received: {labels.min()}"
        )
    return labels.astype("int64")
