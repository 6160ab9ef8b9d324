import signal

import keras
import numpy as np
import pytest

from kerasgan.callbacks import GracefulStop


class Signal(keras.callbacks.Callback):
    """Raises signals at the end of batches."""

    def __init__(self, numbers):
        super().__init__()
        self.numbers = numbers
        self.batches = 0
        self.epochs = 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        for number in self.numbers.get(self.batches, ()):
            signal.raise_signal(number)

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1


def fit(gan, numbers, agree=None):
    stop, sender = GracefulStop(agree), Signal(numbers)
    images = -np.ones((24, 8, 8, 3), "float32")
    # The signal comes before GracefulStop hears of the end of the batch.
    gan.fit(images, batch_size=4, epochs=2, verbose=0, callbacks=[sender, stop])
    return stop, sender


@pytest.fixture(autouse=True)
def handlers_are_put_back():
    # The tests may have been started by `nohup`.
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    yield
    signal.signal(signal.SIGHUP, hang_up)
    after = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    assert after == before


@pytest.mark.integration
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, "SIGHUP"])
def test_a_signal_ends_the_epoch_after_the_step(gan, number):
    # A terminal that is closed sends SIGHUP twice.
    numbers = [signal.SIGHUP] * 2 if number == "SIGHUP" else [number]
    stop, sender = fit(gan, {3: numbers})
    assert stop.stopped
    assert (int(gan.steps), sender.epochs) == (3, 1)


@pytest.mark.integration
def test_without_a_signal_nothing_happens(gan):
    stop, _ = fit(gan, {})
    assert not stop.stopped
    assert int(gan.steps) == 12


def test_what_nohup_ignores_stays_ignored(gan, start):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        callback = start(GracefulStop(), gan)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        callback.restore()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.integration
def test_several_processes_stop_where_all_can(gan):
    heard = []

    def agree(interrupted):
        heard.append(interrupted)
        return interrupted

    stop, sender = fit(gan, {3: [signal.SIGTERM]}, agree)
    # Not after the third step, but at the end of the epoch.
    assert stop.stopped and heard == [True]
    assert (int(gan.steps), sender.epochs) == (6, 1)


@pytest.mark.integration
def test_the_second_signal_interrupts_at_once(gan):
    with pytest.raises(KeyboardInterrupt):
        stop = GracefulStop()
        sender = Signal({2: [signal.SIGINT, signal.SIGINT]})
        try:
            gan.fit(
                -np.ones((24, 8, 8, 3), "float32"),
                batch_size=4,
                verbose=0,
                callbacks=[sender, stop],
            )
        finally:
            stop.restore()


@pytest.mark.integration
def test_another_thread_may_train(gan):
    """Where Python lets nobody set signal handlers."""
    import threading

    found = []

    def train():
        found.append(fit(gan, {})[0].stopped)

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert found == [False]
