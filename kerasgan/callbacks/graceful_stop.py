import signal
import threading

import keras

from kerasgan.utils.signals import hung_up, stop_signals
from kerasgan.utils.typing import Callable, Logs


class GracefulStop(keras.callbacks.Callback):
    """Lets a training be interrupted without losing a step.

    While training, the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (a terminal
    that is closed) ends the epoch after the step that is under way, so that the
    other callbacks can write their checkpoints; the second SIGINT or SIGTERM
    interrupts at once. `stopped` is True if it happened.

    Args:
        agree: of a training by several processes, which must all take the same
            steps: a function that takes whether this one was interrupted and
            returns whether any was. It is called at the end of each epoch,
            where the training then ends. Defaults to `None`.
    """

    def __init__(self, agree: Callable[[bool], bool] | None = None) -> None:
        super().__init__()
        self.stopped = False
        self._interrupted = False
        self._agree = agree
        # Signal -> its handler; None if that was not installed from Python.
        self._before: dict[int, Callable | int | None] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        # On JAX `self.model` writes the state back, which must not happen in
        # the middle of a step.
        self._trained = self.model
        # Python handles signals in the main thread alone.
        if threading.current_thread() is threading.main_thread():
            for number in stop_signals():
                self._before[number] = signal.signal(number, self._handle)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self._agree is not None and self._agree(self._interrupted):
            self.stopped = self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        self.restore()

    def restore(self) -> None:
        """Put the former signal handlers back."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _handle(self, number, frame):
        if not hung_up(number) and self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True
        # Not at the end of a batch: on JAX, Keras waits for each step if a
        # callback listens there.
        if self._agree is None:
            self.stopped = self._trained.stop_training = True
