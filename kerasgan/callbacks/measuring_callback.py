import keras

from kerasgan.utils.typing import Logs


class Measure(keras.callbacks.Callback):
    """Adds numbers about the generator to the logs as a GAN trains.

    At the end of each epoch that reaches another multiple of `every` steps. It
    comes before the callbacks that use the logs (JSONLog, CSVLogger,
    TensorBoard, ModelCheckpoint, `BestCheckpoint`). What is measured is the
    averaged generator, if one is kept.

    A subclass defines `measure(generator)`.

    Args:
        every: steps between two measurements, a positive integer. Defaults to
            1000.

    Attributes:
        history: a list of `(step, numbers)` of all measurements.

    Raises:
        ValueError: `every` is not a positive integer.
    """

    def __init__(self, every: int = 1000) -> None:
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(
                "Argument `every` must be a positive integer. "
                f"Received: every={every}"
            )
        self.every = every
        self.history: list[tuple[int, dict[str, float]]] = []
        self.measured: int | None = None

    def measure(self, generator: keras.Model) -> dict[str, float]:
        """Returns numbers by name.

        Args:
            generator: a `keras.Model` from latents to images in [-1, 1].
        """
        raise NotImplementedError

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.measured is None:
            self.measured = int(self.model.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        # None before `on_train_begin`, which comes first.
        assert self.measured is not None
        step = int(self.model.steps)
        if step // self.every == self.measured // self.every:
            return
        self.measured = step
        numbers = self.measure(self.model.ema_generator or self.model.generator)
        self.history.append((step, numbers))
        if logs is not None:
            logs.update(numbers)
