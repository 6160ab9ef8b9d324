import math
import time
from pathlib import Path

import keras

from kerasgan.utils.files import atomic_write, naming
from kerasgan.utils.run_log import log_line, read_log
from kerasgan.utils.typing import Any, Logs, PathLike


class JSONLog(keras.callbacks.Callback):
    """Appends a JSON object a line to a file at the end of each epoch.

    Its keys are `step`, `seconds` (of training, over all the times it was
    resumed), `steps_per_second` (of this epoch) and the epoch's logs, `null`
    where they are not finite, and last `crc32`, the checksum of the line. When
    the training starts, lines behind the model's step are dropped: a resumed
    training writes them again.

    Args:
        path: the file; made if it is not there.

    Attributes:
        line: the last line, a dict without the checksum.
    """

    def __init__(self, path: PathLike) -> None:
        super().__init__()
        self.path = Path(path)
        self.seconds: Any = None
        self.line: dict[str, Any] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.seconds is not None:
            return
        step = int(self.model.steps)
        kept = [line for line in read_log(self.path) if line["step"] <= step]
        with atomic_write(self.path, "w", encoding="utf-8") as file:
            for line in kept:
                file.write(log_line(line))
        self.seconds = kept[-1]["seconds"] if kept else 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self.started = time.perf_counter()
        self.step = int(self.model.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        duration = time.perf_counter() - self.started
        self.seconds += duration
        step = int(self.model.steps)
        self.line = {
            "step": step,
            "seconds": round(self.seconds, 3),
            "steps_per_second": round((step - self.step) / duration, 3),
            **{k: _number(v) for k, v in (logs or {}).items()},
        }
        with (
            naming(self.path),
            open(self.path, "a", encoding="utf-8") as file,
        ):
            file.write(log_line(self.line))


def _number(value):
    # JSON has no NaN.
    return float(f"{value:.6g}") if math.isfinite(value) else None
