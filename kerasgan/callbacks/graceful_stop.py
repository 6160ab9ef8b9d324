import signal
import threading

import keras

from kerasgan.utils.signals import hung_up, stop_signals
from kerasgan.utils.typing import Logs


class GracefulStop(keras.callbacks.Callback):
    """Lets a training be interrupted without losing a step.

    While training, the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (a terminal
    that is closed) ends the epoch after the step that is under way, so that the
    other callbacks can write their checkpoints; the second SIGINT or SIGTERM
    interrupts at once. `stopped` is True if it happened.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stopped = False
        self._before = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        # Python handles signals in the main thread alone.
        if threading.current_thread() is threading.main_thread():
            for number in stop_signals():
                self._before[number] = signal.signal(number, self._handle)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self.stopped:
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        self.restore()

    def restore(self) -> None:
        """Put the former signal handlers back."""
        while self._before:
            signal.signal(*self._before.popitem())

    def _handle(self, number, frame):
        if not hung_up(number) and self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
