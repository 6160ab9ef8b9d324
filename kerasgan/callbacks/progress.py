import keras

from kerasgan.utils.progress_bars import rich_bar
from kerasgan.utils.typing import Any, Logs


class Progress(keras.callbacks.Callback):
    """A progress bar over all steps, with speed, time left and the losses.

    Args:
        steps: number of steps at the end of the training, at least 1.
    """

    # On JAX, Keras then need not wait for each step: at its end `self.model`
    # must not be used, which writes the state back.
    async_safe = True

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.bar: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._at_once = self.model.steps_per_execution
        if self.bar is not None:
            return
        self.bar = rich_bar("Training", "{task.fields[losses]}")
        self.task = self.bar.add_task(
            "", total=self.steps, completed=int(self.model.steps), losses=""
        )
        self.bar.start()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.bar.advance(self.task, self._at_once)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        self.bar.update(
            self.task,
            completed=int(self.model.steps),
            losses="  ".join(
                f"{short} {logs[name]:.3f}"
                for short, name in (
                    ("D", "discriminator_loss"),
                    ("G", "generator_loss"),
                    ("G's penalty", "generator_penalty"),
                )
                if name in logs
            ),
        )

    def close(self) -> None:
        """Take the bar down, also after an error."""
        if self.bar is not None:
            self.bar.stop()
