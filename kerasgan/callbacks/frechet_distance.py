from kerasgan import sampling
from kerasgan.callbacks.measures_table import FRECHET
from kerasgan.callbacks.measuring_callback import Measure
from kerasgan.utils.typing import Any, Logs, PathLike


class FrechetDistance(Measure):
    """Measures the Frechet distance of Inception features.

    Adds `fid768` (of `"mixed_7"`, 768 features) or `fid` (of `"pool"`, 2048) to
    the logs. Between few samples the distance is biased upwards: it compares
    steps of a run, measured alike, and nothing else.

    Args:
        images: real images, uint8 `[N, height, width, 1 or 3]`, whose statistics
            are gathered once, or their `kerasgan.metrics.FeatureStatistics`.
        every: steps between two measurements, at least 1. Defaults to 5000.
        count: samples, at least 2. Defaults to 2000.
        seed: seed of their latents, as of `kerasgan.sample`. Defaults to 0.
        features, weights, resize, batch_size: as of
            `kerasgan.metrics.inception_features`.

    Raises:
        FileNotFoundError, ValueError: as `kerasgan.metrics.inception_features`.
    """

    def __init__(
        self,
        images: Any,
        every: int = 5000,
        count: int = 2000,
        seed: int = 0,
        features: str = "mixed_7",
        weights: PathLike | None = None,
        resize: str = "legacy",
        batch_size: int = 32,
    ) -> None:
        from kerasgan import metrics

        super().__init__(every)
        if features not in FRECHET:
            raise ValueError(
                f"Argument `features` must be one of {', '.join(FRECHET)}. "
                f"Received: features={features!r}"
            )
        self.count = count
        self.seed = seed
        self.features = features
        self.options = {
            "features": features,
            "weights": weights,
            "resize": resize,
            "batch_size": batch_size,
        }
        if not isinstance(images, metrics.FeatureStatistics):
            images = self._statistics(images)
        self.reference = images

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        # What cannot be drawn is reported before the training, not in it.
        sampling.chosen_labels(self.model.generator, 1)

    def measure(self, generator: Any) -> dict[str, float]:
        from kerasgan import metrics

        batches = sampling.stream(generator, self.count, seed=self.seed)
        distance = metrics.frechet_distance(
            self.reference, self._statistics(batches)
        )
        return {FRECHET[self.features]: float(distance)}

    def _statistics(self, images):
        from kerasgan import metrics

        protocol = metrics.inception_protocol(
            *(self.options[key] for key in ("features", "weights", "resize"))
        )
        statistics = metrics.FeatureStatistics(
            feature=f"inception-{protocol['dimensions']}",
            resize=protocol["resize"],
            weights=protocol["weights_sha256"],
        )
        for features in metrics.stream_inception_features(
            images, **self.options
        ):
            statistics.update(features)
        return statistics
