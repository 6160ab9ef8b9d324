import math
from pathlib import Path

import keras

from kerasgan.callbacks.intervals import reached_another
from kerasgan.callbacks.network_files import save_networks, save_weights
from kerasgan.utils.files import sha256, write_file
from kerasgan.utils.finite import first_not_finite
from kerasgan.utils.typing import Logs, PathLike

CHECKPOINT = "checkpoint.weights.h5"
DIGESTS = "checkpoint.sha256"


class Checkpoint(keras.callbacks.Callback):
    """Writes a GAN so that its training can be resumed exactly.

    At the end of each epoch that reaches another multiple of `every` steps, and
    at the end of training, it writes into `folder`:

    - `checkpoint.weights.h5`: both networks, the average, the optimizers'
      slots, the state of all random generators and the number of steps, and
      `checkpoint.sha256`, its digest behind that of the one before;
    - `generator.weights.h5` (the average, if one is kept),
      `discriminator.weights.h5`, and `SHA256SUMS` of the two.

    Each file is written atomically.

    Args:
        folder: an existing folder.
        every: steps between two checkpoints, a positive integer. Defaults to
            1000.

    Raises:
        FloatingPointError: at the end of an epoch whose losses, or before a
            checkpoint whose variables are not finite; the last checkpoint,
            which was good, is kept.
    """

    def __init__(self, folder: PathLike, every: int = 1000) -> None:
        super().__init__()
        self.folder = Path(folder)
        self.every = every
        self.saved: int | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.saved is None:
            self.saved = int(self.model.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.check_losses(logs)
        if self.due():
            self.save()

    def on_train_end(self, logs: Logs = None) -> None:
        if self.due(every=1):
            self.save()

    def due(self, every: int | None = None) -> bool:
        """Returns whether another multiple of `every` was reached since the last.

        Args:
            every: steps, at least 1; None for those of the constructor.
        """
        step = int(self.model.steps)
        return reached_another(every or self.every, step, self.saved)

    def check_losses(self, logs: Logs) -> None:
        """Raises `FloatingPointError` if a number is not finite.

        Args:
            logs: the numbers of an epoch by name, or None.
        """
        bad = [k for k, v in (logs or {}).items() if not math.isfinite(v)]
        if bad:
            raise self._diverged(bad)

    def check_variables(self) -> None:
        """Raises `FloatingPointError` if a variable is not finite."""
        # The losses of a step do not depend on the weights that it made.
        variables = [*self.model.variables, *self.model.optimizer.variables]
        path = first_not_finite(variables)
        if path is not None:
            raise self._diverged([path])

    def save(self) -> None:
        """Write all files now."""
        self.check_variables()
        # The checkpoint comes last: after a crash in between, a resumed training
        # starts before this step and writes all of them again.
        save_networks(self.model, self.folder)
        save_weights(self.model, self.folder / CHECKPOINT, self._announce)
        self.saved = int(self.model.steps)

    def _announce(self, digest):
        # Before the new file replaces the old one both are valid: a
        # crash in between harms nothing. The old one's digest is taken from
        # the file itself: after such a crash the last one announced is that of
        # a file that never came to be.
        old = self.folder / CHECKPOINT
        before = [sha256(old)] if old.exists() else []
        write_file(self.folder / DIGESTS, "\n".join([*before, digest]) + "\n")

    def _diverged(self, names):
        kept = "no checkpoint was written before"
        if (self.folder / CHECKPOINT).exists():
            kept = (
                f"the checkpoint of step {self.saved} in {self.folder} is kept"
            )
        return FloatingPointError(
            f"training diverged: {', '.join(names)} not finite at step "
            f"{int(self.model.steps)}; {kept}"
        )


def check_checkpoint(folder: PathLike) -> None:
    """Raises if a checkpoint is not what `Checkpoint` wrote.

    Args:
        folder: that of the `Checkpoint`.

    Raises:
        ValueError: it is damaged.
    """
    # It may be damaged itself, and then it is not ASCII, or empty.
    content = (Path(folder) / DIGESTS).read_bytes()
    known = content.decode("ascii", "backslashreplace").split() or ["none"]
    actual = sha256(Path(folder) / CHECKPOINT)
    if actual not in known:
        raise ValueError(
            f"it or {DIGESTS} is damaged: expected SHA-256 {known[-1]}, found "
            f"{actual}"
        )
