import keras
from keras import ops

from kerasgan.utils.typing import Any, Callable


@keras.saving.register_keras_serializable(package="kerasgan")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises linearly in the first updates.

    `rate(t) min(1, (t + 1) / steps)` in update t, counted from 0.

    Weight-normalized GANs can fail in the first handful of steps, which smaller
    ones prevent (as the authors of arXiv 1704.03971 note on their code): an
    adaptive optimizer takes them at full length from a single gradient.

    Args:
        learning_rate: the rate that is reached, a positive number, or a
            `keras.optimizers.schedules.LearningRateSchedule`.
        steps: updates until it is reached, a positive integer.

    Raises:
        ValueError: `steps` is not a positive integer.
    """

    def __init__(self, learning_rate: float | Callable, steps: int) -> None:
        super().__init__()
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(
                "Argument `steps` must be a positive integer. "
                f"Received: steps={steps}"
            )
        self.learning_rate = learning_rate
        self.steps = steps

    def __call__(self, step):
        rate = self.learning_rate
        if callable(rate):
            rate = rate(step)
        done = ops.cast(step, "float32") + 1.0
        return rate * ops.minimum(1.0, done / self.steps)

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rate": keras.saving.serialize_keras_object(
                self.learning_rate
            ),
            "steps": self.steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "WarmUp":
        rate = keras.saving.deserialize_keras_object(config["learning_rate"])
        return cls(rate, config["steps"])
