import os
import uuid
from pathlib import Path

import keras

from kerasgan.callbacks.json_log import JSONLog
from kerasgan.callbacks.sample_grid import SampleGrid
from kerasgan.callbacks.tracking import Tracking
from kerasgan.callbacks.wandb_account import check_wandb, mode
from kerasgan.utils.json_files import read_json, write_json
from kerasgan.utils.typing import Any, Logs, PathLike

FILE = "wandb.json"


class WandbLog(Tracking, keras.callbacks.Callback):
    """Logs to Weights & Biases over the steps of the GAN, with sample grids.

    wandb's own WandbMetricsLogger counts epochs, which begin at 0 again when a
    training is resumed, and imports TensorFlow. The id of the run is kept in
    `folder/wandb.json`, and a resumed training logs into the same one. A run that
    is active already is used as it is. `WANDB_MODE=offline`, `WANDB_PROJECT` and
    so on hold as always.

    Args:
        folder: made if it is not there.
        log, samples, config: as of `TensorBoardLog`.
        name: of the run; None for one that wandb invents.

    Raises:
        ValueError: wandb is not installed, has no account, or cannot start a run.
    """

    def __init__(
        self,
        folder: PathLike,
        log: JSONLog | None = None,
        samples: SampleGrid | None = None,
        config: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self.wandb = check_wandb()
        self.folder = Path(folder)
        self.log = log
        self.samples = samples
        self.config = config
        self.name = name
        self.run: Any = None
        self._own = False

    def on_train_begin(self, logs: Logs = None) -> None:
        if self.run is not None:
            return
        self.run = self.wandb.run
        if self.run is None:
            self._own, self.run = True, self._begin()
        # Steps may come again, after a training was killed or rolled back: as
        # wandb's own steps they would be dropped.
        self.run.define_metric("step")
        self.run.define_metric("*", step_metric="step")

    def _begin(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / FILE
        try:
            known = read_json(
                path, "delete it, and a new run of wandb is started"
            )
        except FileNotFoundError:
            known = {"id": uuid.uuid4().hex[:12]}
            write_json(path, known)
        offline = mode() != "online"
        try:
            return self.wandb.init(
                id=known["id"],
                # Ignored offline, where `wandb sync` joins what has one id.
                resume=None if offline else "allow",
                project=os.environ.get("WANDB_PROJECT", "kerasgan"),
                name=self.name,
                config=self.config,
                dir=str(self.folder),
            )
        except self.wandb.Error as error:
            reason = " ".join(str(error).split())
            raise ValueError(
                f"wandb cannot start a run: {reason} (WANDB_MODE=offline logs "
                "without a network or an account)"
            ) from error

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._write(self.numbers(logs))

    def on_train_end(self, logs: Logs = None) -> None:
        # The last grid is drawn when the training ends.
        self._write({})

    def _write(self, numbers):
        path = self.new_grid()
        if path is not None:
            numbers = {**numbers, "samples": self.wandb.Image(str(path))}
        if numbers:
            self.run.log({"step": int(self.model.steps), **numbers})

    def close(self) -> None:
        """Finishes the run, if it was begun here."""
        if self._own:
            self.run.finish()
        self.run, self._own = None, False
