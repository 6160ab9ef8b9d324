import warnings
from pathlib import Path

import keras

from kerasgan.callbacks.intervals import reached_another
from kerasgan.utils.typing import Logs, PathLike


class Report(keras.callbacks.Callback):
    """Draws the report of a run directory as a GAN trains.

    At the end of each epoch that reaches another multiple of `every` steps, and
    at the end of training, it writes `report.html` and `report.png` from the
    log and the sample grids in the folder (`kerasgan.utils.report_page.write_report`). It
    comes after the callbacks that write those. A report that cannot be
    written, for want of matplotlib or of space, ends no training: it warns, the
    first time.

    Args:
        folder: the run directory, with a `log.jsonl` (`kerasgan.callbacks.
            JSONLog`) and `samples/` (`kerasgan.callbacks.SampleGrid`).
        every: steps between two reports, a positive integer. Defaults to 1000.
        title: of the page; defaults to the folder's name.
        summary: a line of text below it.

    Raises:
        ValueError: `every` is not a positive integer.
    """

    def __init__(
        self,
        folder: PathLike,
        every: int = 1000,
        title: str | None = None,
        summary: str = "",
    ) -> None:
        super().__init__()
        if not isinstance(every, int) or every < 1:
            raise ValueError(
                "Argument `every` must be a positive integer. "
                f"Received: every={every}"
            )
        self.folder = Path(folder)
        self.every = every
        self.title = title
        self.summary = summary
        self.written: int | None = None
        self.failed = False

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.written is None:
            self.written = int(self.model.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if reached_another(self.every, int(self.model.steps), self.written):
            self.write()

    def on_train_end(self, logs: Logs = None) -> None:
        if reached_another(1, int(self.model.steps), self.written):
            self.write()

    def write(self) -> None:
        """Write the report now, or warn why it cannot be."""
        from kerasgan.utils.report_page import write_report

        self.written = int(self.model.steps)
        try:
            write_report(self.folder, self.title, self.summary)
        # Drawing fails in as many ways as there are files and fonts, and hours
        # of training are worth more than a plot of them.
        except Exception as error:
            if not self.failed:
                reason = " ".join(str(error).split()) or type(error).__name__
                warnings.warn(
                    f"no report was written at step {self.written}: {reason}",
                    stacklevel=2,
                )
            self.failed = True
