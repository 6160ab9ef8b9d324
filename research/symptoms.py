"""What do the failures of a training look like?

Question: how samples of each symptom of `docs/fine_tuning.md` look. Each is
provoked by one mistake in a small training on coloured shapes of 32x32 pixels.

    python research/symptoms.py --images docs/images
    python research/symptoms.py --only healthy,collapse --images docs/images

Result: the images of `docs/fine_tuning.md`, `symptom_NAME.png`, and a line of
numbers for each: diversity relative to real shapes, and the last losses.
"""

import argparse
import dataclasses
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image

import kerasgan
from kerasgan.callbacks import LossHealth
from kerasgan.gans import LOSSES

IMAGES, SIZE, BATCH, LATENTS = 2000, 32, 32, 32
# Samples drawn, shown (in rows of eight), and the gray between them.
DRAWN, SHOWN, COLUMNS, GRAY = 32, 16, 8, 208


@dataclasses.dataclass(frozen=True)
class Case:
    """A training, and which of its images are shown."""

    epochs: int = 12  # of 63 steps
    loss: str = "non_saturating"
    normalization: str = "weight"
    upsampling: str = "nearest"
    features: int = 16
    rates: tuple = (5e-4, 1e-3)  # generator, discriminator
    images: int = IMAGES
    averaged: bool = True
    show: str = "grid"
    options: dict = dataclasses.field(default_factory=dict)


CASES = {
    "healthy": Case(),
    "collapse": Case(
        normalization="none", rates=(1e-2, 1e-4), averaged=False, epochs=6
    ),
    "memorization": Case(images=16, epochs=16, show="nearest"),
    "blur": Case(features=4, epochs=8),
    "checkerboards": Case(
        upsampling="transposed", normalization="none", rates=(2e-3, 2e-3)
    ),
    "divergence": Case(
        loss="wasserstein_gp",
        normalization="none",
        rates=(5e-3, 5e-3),
        averaged=False,
        options={"penalties": ()},
    ),
    "noise": Case(
        loss="minimax",
        normalization="none",
        rates=(1e-5, 1e-3),
        averaged=False,
        options={"discriminator_steps": 2},
        epochs=8,
    ),
    "flicker": Case(rates=(4e-3, 4e-3), averaged=False, show="two"),
}


def read_shapes(count, seed=0):
    """Returns drawn shapes, uint8 `[count, 32, 32, 3]`, in random order."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = kerasgan.data.draw_shapes(
            Path(folder, "shapes"), count, SIZE, seed
        )
        files = sorted(drawn.rglob("*.png"))
        images = np.stack([np.asarray(Image.open(file)) for file in files])
    return np.random.default_rng(seed).permutation(images)


def train(case, images):
    """Trains a case; returns two draws of the same latents, and the logs.

    The draws, uint8 `[32, 32, 32, 3]`, are an epoch apart.
    """
    keras.utils.set_random_seed(0)
    networks = kerasgan.architectures.dcgan(
        (SIZE, SIZE, 3),
        LATENTS,
        case.features,
        case.normalization,
        upsampling=case.upsampling,
    )
    gan = LOSSES[case.loss](*networks, ema_decay=0.99, **case.options)
    gan.compile(*(keras.optimizers.Adam(rate, 0.0) for rate in case.rates))
    generator = gan.ema_generator if case.averaged else gan.generator
    # Few images are repeated, so that an epoch has as many steps.
    shown = np.resize(images, (IMAGES, *images.shape[1:]))
    shown = np.float32(shown) / 127.5 - 1
    draws = []
    for epochs in (case.epochs - 1, 1):
        history = gan.fit(
            shown,
            batch_size=BATCH * gan.discriminator_steps,
            epochs=epochs,
            callbacks=[LossHealth()],
            verbose=0,
        )
        draws.append(kerasgan.sample(generator, DRAWN, seed=0))
    return *draws, {name: v[-1] for name, v in history.history.items()}


def nearest(samples, images):
    """Returns the training image nearest to each sample, by pixels."""
    squares = [
        np.square(np.float32(images) - sample).mean((1, 2, 3))
        for sample in samples
    ]
    return images[np.argmin(squares, axis=1)]


def arrange(case, before, after, images):
    """Returns the images of a grid, of which pairs stand in two rows."""
    first = after[:COLUMNS]
    if case.show == "two":
        return np.concatenate([before[:COLUMNS], first])
    if case.show == "nearest":
        return np.concatenate([first, nearest(first, images)])
    return after[:SHOWN]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--only", default=",".join(CASES), help="with commas")
    parser.add_argument("--images", type=Path, help="a folder")
    args = parser.parse_args()
    references = read_shapes(IMAGES)
    for name in args.only.split(","):
        case, began = CASES[name], time.process_time()
        images = references[: case.images]
        before, after, logs = train(case, images)
        diversity = kerasgan.metrics.diversity(after, references).relative
        print(
            f"{name}: diversity {diversity:.2f}, ",
            ", ".join(f"{key} {value:.3g}" for key, value in logs.items()),
            f", {time.process_time() - began:.0f} s of a processor",
            flush=True,
        )
        if args.images:
            grid = kerasgan.grid(
                arrange(case, before, after, images), COLUMNS, background=GRAY
            )
            Image.fromarray(grid).save(
                args.images / f"symptom_{name}.png", optimize=True
            )


if __name__ == "__main__":
    main()
