"""Callbacks of the trainings of `kerasgan train` alone."""

import keras

from kerasgan.callbacks import (
    BestCheckpoint,
    Checkpoint,
    LossHealth,
    TensorBoardLog,
    WandbLog,
)


class CheckFolder(keras.callbacks.Callback):
    """Ends a training whose run directory was removed or replaced.

    Args:
        lock: its `kerasgan.utils.locks.FolderLock`.
    """

    def __init__(self, lock):
        super().__init__()
        self.lock = lock

    def on_epoch_end(self, epoch, logs=None):
        self.lock.check()


class Health(LossHealth):
    """`LossHealth` that lets the log be written before a training ends.

    Args:
        stop_unhealthy: whether to stop also when the discriminator's loss
            has vanished, which is a warning otherwise.
    """

    def __init__(self, stop_unhealthy):
        super().__init__(raises=True)
        self.stop_unhealthy = stop_unhealthy

    @property
    def stopped(self):
        """Whether it stopped a training whose numbers are still finite."""
        return self.stop_unhealthy and self.state == 2 and bool(self.reason)

    def judge(self, logs):
        state, reason = super().judge(logs)
        self.stop = state > 2 or self.stop_unhealthy
        return state, reason

    def on_epoch_end(self, epoch, logs=None):
        try:
            super().on_epoch_end(epoch, logs)
        except FloatingPointError:
            # `EndDiverged` and `Checkpoint` say it, behind the log.
            pass


class EndDiverged(keras.callbacks.Callback):
    """Ends a training that explodes or is not finite.

    It stands before what draws and measures the networks.

    Args:
        health: the `Health`, which stands before it.
        checkpoint: the `kerasgan.callbacks.Checkpoint`, which stands behind.

    Raises:
        FloatingPointError: at the end of an epoch.
    """

    def __init__(self, health, checkpoint):
        super().__init__()
        self.health = health
        self.checkpoint = checkpoint

    def on_train_end(self, logs=None):
        if self.checkpoint.due(every=1):
            self.checkpoint.check_variables()

    def on_epoch_end(self, epoch, logs=None):
        self.checkpoint.check_losses(logs)
        if self.checkpoint.due():
            self.checkpoint.check_variables()
        if self.health.state != 3:
            return
        kept = "no checkpoint was written before"
        if self.checkpoint.saved:
            kept = (
                f"the checkpoint of step {self.checkpoint.saved} in "
                f"{self.checkpoint.folder} is kept"
            )
        raise FloatingPointError(
            f"training diverged: {self.health.reason}; {kept}"
        )


class RunCheckpoint(Checkpoint):
    """`Checkpoint` that also writes what the training took so far.

    Args:
        folder, every: as of `Checkpoint`.
        complete: a function of the folder that writes it.
    """

    def __init__(self, folder, every, complete):
        super().__init__(folder, every)
        self.complete = complete

    def save(self):
        super().save()
        self.complete(self.folder)


class RateFactor(keras.callbacks.Callback):
    """Logs how far the learning rates were lowered since the training diverged.

    Args:
        factor: what the recipe's are multiplied by.
    """

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def on_epoch_end(self, epoch, logs=None):
        logs["learning_rate_factor"] = self.factor


class BestEntry(BestCheckpoint):
    """`BestCheckpoint` whose folder is loaded as a run is.

    Args:
        folder, monitor, mode: as of `BestCheckpoint`.
        complete: a function of the folder that adds what else a run has.
    """

    def __init__(self, folder, monitor, mode, complete):
        super().__init__(folder, monitor, mode)
        self.complete = complete

    def save(self):
        # First what it takes to load the weights.
        self.complete(self.folder)
        super().save()


def make_tracker(name, output, tracked):
    """Returns the callback of a tracker of `kerasgan.callbacks.trackers_table.TRACKERS`.

    Args:
        name: of the tracker.
        output: `pathlib.Path` of the run directory.
        tracked: dict of the arguments `log`, `samples` and `config`.
    """
    if name == "tensorboard":
        return TensorBoardLog(output / "tensorboard", **tracked)
    return WandbLog(output, name=output.name, **tracked)
