from pathlib import Path

from kerasgan.callbacks.measuring_callback import Measure
from kerasgan.utils import image_grids
from kerasgan.utils.classes import spread_rows
from kerasgan.utils.typing import Any, PathLike


class ReconstructionError(Measure):
    """Measures how near the generator comes to images it has not seen.

    Adds `reconstruction_error` to the logs (`kerasgan.metrics.
    reconstruction_error`, Xiang & Li's measure).

    Args:
        images: uint8 `[N, height, width, channels]`, of the test split.
        every: steps between two measurements, at least 1. Defaults to 1000.
        steps: updates of each latent, at least 0. Defaults to 50.
        batch_size: images at once, at least 1; changes nothing but the
            rounding. Defaults to 32.
        folder: where pairs of images and reconstructions are drawn
            (`pairs_0001000.png`), or None. They show the images.
        pairs: pairs in an image, at least 1, of all classes if there are
            labels. Defaults to 16.
        labels: of a conditional generator: the classes of the images, `[N]`.
            Defaults to `None`: drawn, the same at each measurement.
    """

    def __init__(
        self,
        images: Any,
        every: int = 1000,
        steps: int = 50,
        batch_size: int = 32,
        folder: PathLike | None = None,
        pairs: int = 16,
        labels: Any = None,
    ) -> None:
        super().__init__(every)
        self.images = images
        self.steps = steps
        self.batch_size = batch_size
        self.folder = None if folder is None else Path(folder)
        self.pairs = pairs
        self.labels = labels

    def measure(self, generator: Any) -> dict[str, float]:
        from kerasgan.metrics import reconstruction_error

        result = reconstruction_error(
            generator,
            self.images,
            self.steps,
            self.batch_size,
            labels=self.labels,
        )
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            shown = slice(self.pairs)
            if self.labels is not None:
                shown = spread_rows(self.labels, self.pairs)
            grid = image_grids.pairs(
                self.images[shown], result.reconstructions[shown]
            )
            name = f"pairs_{int(self.model.steps):07d}.png"
            image_grids.save_png(grid, self.folder / name)
        return {"reconstruction_error": result.mean}
