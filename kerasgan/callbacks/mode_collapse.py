import warnings

from kerasgan import sampling
from kerasgan.callbacks.measuring_callback import Measure
from kerasgan.utils.typing import Any, Logs


class ModeCollapse(Measure):
    """Looks for samples that are all alike, or copies of training images.

    Adds to the logs, of the same latents each time (`kerasgan.metrics.
    diversity` defines them):

    - `sample_diversity`: the mean distance of two samples over that of two
      training images; near 1 in a healthy generator.
    - `sample_duplicates`: the fraction of samples that have a double.
    - `memorized`: the fraction of samples that are a training image.

    and warns where the first falls below `least_diversity`, or another one
    rises above `most_copies`.

    Args:
        images: training images, uint8 `[N, height, width, channels]`; a memory
            map is read once.
        every: steps between two measurements, at least 1. Defaults to 1000.
        count: samples, at least 2. Defaults to 256.
        seed: seed of their latents, as of `kerasgan.sample`. Defaults to 0.
        flip: whether the training mirrors its images. Defaults to False.
        least_diversity: at least 0. Defaults to 0.5.
        most_copies: a fraction, 0 to 1. Defaults to 0.1.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(
        self,
        images: Any,
        every: int = 1000,
        count: int = 256,
        seed: int = 0,
        flip: bool = False,
        least_diversity: float = 0.5,
        most_copies: float = 0.1,
    ) -> None:
        super().__init__(every)
        if not isinstance(count, int) or count < 2:
            raise ValueError(
                "Argument `count` must be an integer of at least 2. "
                f"Received: count={count}"
            )
        from kerasgan.metrics import References

        self.references = References(images, flip)
        self.count = count
        self.seed = seed
        self.least_diversity = least_diversity
        self.most_copies = most_copies

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        # What cannot be drawn is reported before the training, not in it.
        sampling.chosen_labels(self.model.generator, 1)

    def measure(self, generator: Any) -> dict[str, Any]:
        from kerasgan.metrics import diversity

        samples = sampling.sample(generator, self.count, seed=self.seed)
        measured = diversity(samples, self.references)
        relative, memorized = measured.relative, measured.memorized
        # With references both are known.
        assert relative is not None and memorized is not None
        numbers = {
            "sample_diversity": relative,
            "sample_duplicates": measured.duplicates,
            "memorized": memorized,
        }
        bad = [
            f"{name} is {value:.3g}"
            for name, value in numbers.items()
            if (
                value < self.least_diversity
                if name == "sample_diversity"
                else value > self.most_copies
            )
        ]
        if bad:
            warnings.warn(
                f"the generator may have collapsed: {', '.join(bad)} at step "
                f"{int(self.model.steps)}",
                stacklevel=2,
            )
        return numbers
