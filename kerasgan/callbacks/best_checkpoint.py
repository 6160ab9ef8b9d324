import math
from pathlib import Path

import keras

from kerasgan.callbacks.network_files import save_networks
from kerasgan.utils.json_files import read_json, write_json
from kerasgan.utils.typing import Any, Logs, PathLike

RECORD = "best.json"
REMEDY = "delete it: the next measurement counts as the best"


class BestCheckpoint(keras.callbacks.Callback):
    """Keeps the networks of the epoch with the best number in its logs.

    It writes both networks' weights and `SHA256SUMS` into `folder`, and
    `best.json`: which number, its value, and the step. Epochs in whose logs the
    number is missing or not finite are ignored. A training that is resumed
    reads `best.json` and keeps the better one.

    Args:
        folder: made if it is not there.
        monitor: name of a number in the logs, such as
            `"reconstruction_error"`; a `Measure` that comes before this
            callback puts it there.
        mode: `"min"` or `"max"`. Defaults to `"min"`.

    Attributes:
        best: `{"monitor", "value", "step"}`, or None.

    Raises:
        ValueError: another mode, or `folder` holds the best of another number.
    """

    def __init__(
        self, folder: PathLike, monitor: str, mode: str = "min"
    ) -> None:
        super().__init__()
        if mode not in ("min", "max"):
            raise ValueError(
                f"Argument `mode` must be 'min' or 'max'. Received: mode={mode!r}"
            )
        self.folder = Path(folder)
        self.monitor = monitor
        self.mode = mode
        self.best: dict[str, Any] | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / RECORD
        if self.best is not None or not path.exists():
            return
        best = read_json(path, REMEDY)
        if best["monitor"] != self.monitor:
            raise ValueError(
                f"{path} was chosen by another number, {best['monitor']}. "
                f"Received: monitor={self.monitor!r}"
            )
        # Steps after the one at which a training resumes are repeated.
        if best["step"] <= int(self.model.steps):
            self.best = best

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        value = (logs or {}).get(self.monitor)
        if value is None or not math.isfinite(value):
            return
        sign = 1 if self.mode == "min" else -1
        if self.best and sign * value >= sign * self.best["value"]:
            return
        self.best = {
            "monitor": self.monitor,
            "value": float(value),
            "step": int(self.model.steps),
        }
        self.save()

    def save(self) -> None:
        """Writes all files now, if there are best networks."""
        if self.best is None:
            return
        save_networks(self.model, self.folder)
        write_json(self.folder / RECORD, self.best)
