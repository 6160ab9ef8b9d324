"""Makes the files of one version that later versions must read.

    python tests/compatibility/make.py tests/compatibility/0.1.0

Run it with the version that is to be kept, never with a later one. A training
of ten steps is stopped after six, so that it can be resumed; what its last
four steps lead to is kept in `expected.npz`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

RECIPE = {
    "name": "dcgan-wn-waves",
    "image_shape": "[8, 8, 3]",
    "latent_dim": "4",
    "features": "2",
    "image_size": "8",
    "crop": "null",
    "batch_size": "4",
    "precision": "float32",
    "generator_optimizer.decay": "null",
    "discriminator_optimizer.decay": "null",
    "penalties": "[{name: r1, weight: 1, interval: 2}]",
    "augmentation": "{name: diff_augment}",
    "loss": "hinge",
}


def waves(folder, count=16, size=8):
    """Write images that need no resizing: the same pixels everywhere."""
    from PIL import Image

    y, x, c = np.indices((size, size, 3))
    for split, start in (("train", 0), ("test", count)):
        (folder / split).mkdir(parents=True)
        for i in range(start, start + (count if split == "train" else 4)):
            pixels = 128 + 100 * np.sin(
                0.3 * i + 0.5 * x + 0.2 * (i % 5) * y + c
            )
            image = Image.fromarray(pixels.astype(np.uint8))
            image.save(folder / split / f"{i:03d}.png")
    return folder


def kerasgan(*arguments):
    command = [sys.executable, "-m", "kerasgan.cli", *map(str, arguments)]
    subprocess.run(command, check=True)


def main(folder):
    folder = Path(folder).resolve()
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["KERASGAN_CACHE"] = f"{temporary}/cache"
        os.chdir(temporary)
        waves(Path("waves"))
        settings = [
            word
            for key, value in RECIPE.items()
            for word in ("--set", f"{key}={value}")
        ]
        train = ["train", "dcgan-wn-celeba", "--data", "waves", *settings]
        train += ["--output", "run", "--resume", "--log-every", "2"]
        train += ["--sample-every", "5", "--checkpoint-every", "3"]
        kerasgan(*train, "--steps", 6)
        made_again = shutil.ignore_patterns("report.*", "samples")
        shutil.copytree("run", folder / "run", ignore=made_again)
        kerasgan(*train, "--steps", 10)
        save_expected(folder)

        # An entry has what is shipped of a run.
        shutil.copytree("run", "entry")
        kerasgan(
            "evaluate",
            "entry",
            "--data",
            "waves",
            "--metrics",
            "reconstruction,diversity",
            "--samples",
            16,
        )
        (folder / "entry").mkdir()
        for name in (
            "recipe.yaml",
            "metrics.json",
            "SHA256SUMS",
            "generator.weights.h5",
            "discriminator.weights.h5",
        ):
            shutil.copy(f"entry/{name}", folder / "entry" / name)
        save_gan(folder)


def save_expected(folder):
    from kerasgan import zoo

    runs = {"at_6": folder / "run", "at_10": "run"}
    np.savez(
        folder / "expected.npz",
        **{key: flat(zoo.load(run)) for key, run in runs.items()},
    )


def flat(model):
    return np.concatenate([np.ravel(w) for w in model.get_weights()])


def save_gan(folder):
    """A compiled GAN with everything that is saved, after two steps."""
    import keras

    import kerasgan.gans as gans
    from kerasgan.architectures import dcgan

    networks = dcgan(
        (8, 8, 3),
        4,
        2,
        generator_normalization="batch",
        discriminator_normalization="spectral",
    )
    gan = gans.WassersteinGPGAN(*networks, augmentation=gans.DiffAugment())
    gan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.RMSprop(1e-3))
    real = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 3))
    gan.fit(real.astype("float32"), batch_size=4, verbose=0)
    gan.save(folder / "gan.keras")


if __name__ == "__main__":
    main(*sys.argv[1:])
