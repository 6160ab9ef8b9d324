import keras

from kerasgan.utils.progress_bars import rich_bar


class Progress(keras.callbacks.Callback):
    """A progress bar over all steps, with speed, time left and the losses.

    Args:
        steps: number of steps at the end of the training.
    """

    def __init__(self, steps):
        super().__init__()
        self.steps = steps
        self.bar = None

    def on_train_begin(self, logs=None):
        if self.bar is not None:
            return
        self.bar = rich_bar("Training", "{task.fields[losses]}")
        self.task = self.bar.add_task(
            "", total=self.steps, completed=int(self.model.steps), losses=""
        )
        self.bar.start()

    def on_train_batch_end(self, batch, logs=None):
        self.bar.advance(self.task, self.model.steps_per_execution)

    def on_epoch_end(self, epoch, logs=None):
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

    def close(self):
        """Take the bar down, also after an error."""
        if self.bar is not None:
            self.bar.stop()
