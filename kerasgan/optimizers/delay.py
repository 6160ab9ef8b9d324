import keras
from keras import ops

from kerasgan.utils.typing import Any, Callable


@keras.saving.register_keras_serializable(package="kerasgan")
class Delay(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that starts later: `schedule(max(t - steps, 0))`.

    Args:
        schedule: a `keras.optimizers.schedules.LearningRateSchedule`.
        steps: updates for which its first rate is kept, at least 0.

    Raises:
        ValueError: `steps` is not an integer of at least 0.
    """

    def __init__(self, schedule: Callable, steps: int) -> None:
        super().__init__()
        if not isinstance(steps, int) or steps < 0:
            raise ValueError(
                "Argument `steps` must be an integer of at least 0. "
                f"Received: steps={steps}"
            )
        self.schedule = schedule
        self.steps = steps

    def __call__(self, step):
        return self.schedule(
            ops.maximum(ops.cast(step, "float32") - self.steps, 0.0)
        )

    def get_config(self) -> dict[str, Any]:
        return {
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "steps": self.steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Delay":
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, config["steps"])
