"""Keras's own callbacks on a GAN."""

import keras
import numpy as np


def for_gan(callbacks, logs):
    """Make Keras's callbacks work on a GAN, which has no log named `loss`.

    Args:
        callbacks: what `fit` takes as `callbacks`.
        logs: the names of what the GAN logs.

    Returns:
        The same, with each `TerminateOnNaN` looking at all logs.

    Raises:
        ValueError: one monitors `loss` or `val_loss`, or swaps the averages of
            a model with one optimizer.
    """
    if callbacks is None:
        return None
    ready = isinstance(callbacks, keras.callbacks.CallbackList)
    adapted = callbacks.callbacks if ready else _flat(callbacks)
    for callback in adapted:
        _check(callback, logs)
    adapted = [_of_all_logs(callback) for callback in adapted]
    if ready:
        callbacks.callbacks[:] = adapted
        return callbacks
    return adapted


def _flat(callbacks):
    if isinstance(callbacks, (list, tuple)):
        return [c for part in callbacks for c in _flat(part)]
    return [callbacks]


def _check(callback, logs):
    # Those in a `kerasgan.callbacks.ForNetwork`, too.
    while isinstance(
        inner := getattr(callback, "callback", None), keras.callbacks.Callback
    ):
        callback = inner
    name = type(callback).__name__
    if isinstance(callback, keras.callbacks.SwapEMAWeights):
        raise ValueError(
            f"{name} swaps the average of a model with one optimizer. A GAN "
            "has its average in `gan.ema_generator`, from its argument "
            f"`ema_decay`: leave the callback out. Received: {name}"
        )
    monitor = getattr(callback, "monitor", None)
    # A checkpoint of every epoch monitors nothing.
    if not getattr(callback, "save_best_only", True):
        return
    if monitor in ("loss", "val_loss"):
        other = monitor.replace("loss", next(n for n in logs if "gener" in n))
        raise ValueError(
            f"A GAN has no log `{monitor}` for {name}. Monitor another, such "
            f'as {name}(monitor="{other}", mode="min") or what a measure of '
            f"kerasgan.callbacks logs; LossHealth stops a training that "
            f"diverges. Received: monitor={monitor!r}"
        )


def _of_all_logs(callback):
    # A class of someone's own may look at other logs already.
    if type(callback) is keras.callbacks.TerminateOnNaN:
        return _TerminateOnNaN(callback)
    return callback


class _TerminateOnNaN(keras.callbacks.Callback):
    """Shows Keras's TerminateOnNaN the first log that is not finite."""

    def __init__(self, callback):
        super().__init__()
        self.callback = callback

    def set_model(self, model):
        super().set_model(model)
        self.callback.set_model(model)

    def on_train_batch_end(self, batch, logs=None):
        for value in (logs or {}).values():
            if not np.isfinite(float(value)):
                self.callback.on_batch_end(batch, {"loss": float(value)})
                return
