"""The common part of the callbacks for experiment trackers."""

from pathlib import Path

from kerasgan.callbacks.json_log import JSONLog
from kerasgan.callbacks.sample_grid import SampleGrid
from kerasgan.utils.typing import Any


class Tracking:
    """Numbers and sample grids of the callbacks that stand before a tracker.

    Args:
        log: a `JSONLog` whose lines are tracked; None for the epoch's logs.
        samples: a `SampleGrid` whose grids are tracked; None for none.
    """

    log: JSONLog | None
    samples: SampleGrid | None
    shown: Path | None = None

    def numbers(self, logs: Any) -> dict[str, float]:
        """Returns what is tracked of an epoch, without its step."""
        line = self.log.line if self.log is not None else (logs or {})
        return {
            key: value
            for key, value in line.items()
            if key != "step" and value is not None
        }

    def new_grid(self) -> Path | None:
        """Returns the path of a grid that was drawn since the last call."""
        path = None if self.samples is None else self.samples.path
        if path is None or path == self.shown:
            return None
        self.shown = path
        return path
