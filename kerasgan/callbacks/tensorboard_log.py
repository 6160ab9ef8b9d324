import json
from pathlib import Path

import keras
import numpy as np

from kerasgan.callbacks.json_log import JSONLog
from kerasgan.callbacks.sample_grid import SampleGrid
from kerasgan.callbacks.tracking import Tracking
from kerasgan.utils.files import atomic_write
from kerasgan.utils.private_names import training_writer
from kerasgan.utils.tf_data import records
from kerasgan.utils.typing import Any, Logs, PathLike


class TensorBoardLog(Tracking, keras.callbacks.TensorBoard):
    """Keras's TensorBoard over the steps of the GAN, with sample grids.

    The epochs of a training that is resumed begin at 0 again, its steps do not.
    Numbers are called `epoch_<name>`, grids `samples`, the configuration `config`.

    Args:
        folder: of the event files; a resumed training adds to them, and drops
            those behind the model's step, which come again, as `JSONLog` does.
        log, samples: a `JSONLog` and a `SampleGrid` that stand before it, whose
            lines and grids are tracked; None for the epoch's logs, and no grids.
        config: JSON-serializable, the settings of the training, or None.
    """

    def __init__(
        self,
        folder: PathLike,
        log: JSONLog | None = None,
        samples: SampleGrid | None = None,
        config: Any = None,
    ) -> None:
        super().__init__(str(folder), write_graph=False)
        self.log = log
        self.samples = samples
        self.config = config
        self.began = False

    def on_train_begin(self, logs: Logs = None) -> None:
        super().on_train_begin(logs)
        if not self.began:
            self.began = True
            _drop_later(Path(self.log_dir) / "train", int(self.model.steps))
        if self.config is not None:
            text = json.dumps(self.config, indent=2)
            with training_writer(self).as_default():
                self.summary.text(
                    "config",
                    f"```json\n{text}\n```",
                    step=int(self.model.steps),
                )

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        super().on_epoch_end(int(self.model.steps), self.numbers(logs))
        self._show()

    def on_train_end(self, logs: Logs = None) -> None:
        # The last grid is drawn when the training ends.
        self._show()
        super().on_train_end(logs)

    def _show(self):
        path = self.new_grid()
        if path is not None:
            from PIL import Image

            with Image.open(path) as image:
                pixels = np.asarray(image.convert("RGB"))[None]
            with training_writer(self).as_default():
                step = int(self.model.steps)
                self.summary.image("samples", pixels, step=step)


def _drop_later(folder, step):
    """Rewrites the event files that have events of later steps."""
    import tensorflow as tf

    for path in sorted(folder.glob("events.out.tfevents.*")):
        if any(later > step for later, _ in _events(path)):
            with atomic_write(path) as file:
                with tf.io.TFRecordWriter(file.name) as writer:
                    for later, record in _events(path):
                        if later <= step:
                            writer.write(record)


def _events(path):
    """Yields the step of each event of a file, and the event as bytes."""
    import tensorflow as tf

    try:
        for record in records(path):
            yield tf.compat.v1.Event.FromString(record).step, record
    except tf.errors.DataLossError:
        pass  # Of a training that was killed, the last one is cut off.
