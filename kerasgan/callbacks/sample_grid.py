from pathlib import Path

import keras

from kerasgan import sampling
from kerasgan.callbacks.intervals import reached_another
from kerasgan.utils import image_grids
from kerasgan.utils.classes import classes_of, is_conditional
from kerasgan.utils.typing import Logs, PathLike


class SampleGrid(keras.callbacks.Callback):
    """Draws the same latents repeatedly as a GAN trains.

    At the end of each epoch that reaches another multiple of `every` steps, and
    at the end of training, it writes the grid to `folder/step_0001000.png`. The
    images are those of the averaged generator, if one is kept.

    Args:
        folder: made if it is not there.
        every: steps between two grids, at least 1. Defaults to 1000.
        count: images in a grid, at least 1. Defaults to 64. Of a conditional generator with no more than
            half as many classes, each class has a row of the same latents, of
            `count // num_classes` images; of others, classes are drawn.
        seed: seed of the latents, as of `kerasgan.sample`.

    Attributes:
        path: that of the last grid, None before the first.
    """

    def __init__(
        self,
        folder: PathLike,
        every: int = 1000,
        count: int = 64,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.folder = Path(folder)
        self.every = every
        self.count = count
        self.seed = seed
        self.drawn: int | None = None
        self.path: Path | None = None

    def on_train_begin(self, logs: Logs = None) -> None:
        # What cannot be drawn is reported before the training, not in it.
        sampling.chosen_labels(self.model.generator, 1)
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.drawn is None:
            self.drawn = int(self.model.steps)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if reached_another(self.every, int(self.model.steps), self.drawn):
            self.draw()

    def on_train_end(self, logs: Logs = None) -> None:
        if reached_another(1, int(self.model.steps), self.drawn):
            self.draw()

    def draw(self) -> Path:
        """Writes the grid now.

        Returns:
            The path of the file.
        """
        generator = self.model.ema_generator or self.model.generator
        classes = classes_of(generator) if is_conditional(generator) else None
        columns = label = None
        count = self.count
        if classes is not None and 2 * classes.count <= count:
            columns = count = count // classes.count
            label = sampling.ALL
        images = sampling.sample(generator, count, seed=self.seed, label=label)
        self.drawn = int(self.model.steps)
        path = self.folder / f"step_{self.drawn:07d}.png"
        image_grids.save_png(image_grids.grid(images, columns), path)
        self.path = path
        return path
