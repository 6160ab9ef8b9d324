"""Time to prepare images, against a plain loop of Pillow.

Both open each image of a zip, cut its middle and resize it to 64x64 pixels;
kerasgan also keeps the result in its cache, here an empty one. Without
`--source` there are JPEG files of random smooth colours, as large as those of
CelebA.

    python benchmarks/prepare.py
    python benchmarks/prepare.py --source celeba-12k.zip --split train
"""

import argparse
import io
import os
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import turns
from PIL import Image

CROP, SIZE = 160, 64


def write_images(path, count):
    """Writes a zip of JPEG files of 178x218 pixels."""
    random = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(count):
            colours = random.integers(0, 256, (27, 22, 3), np.uint8)
            image = Image.fromarray(colours).resize((178, 218), Image.BICUBIC)
            file = io.BytesIO()
            image.save(file, "JPEG", quality=90)
            archive.writestr(f"{index:06}.jpg", file.getvalue())


def by_pillow(source, split):
    """Returns the images of a loop without kerasgan: uint8 `[N, 64, 64, 3]`."""
    images = []
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            wanted = split in ("all", *Path(name).parts[:-1])
            if not wanted or not name.endswith((".jpg", ".png")):
                continue
            image = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
            left, top = (image.width - CROP) // 2, (image.height - CROP) // 2
            image = image.crop((left, top, left + CROP, top + CROP))
            images.append(np.asarray(image.resize((SIZE, SIZE), Image.BOX)))
    return np.stack(images)


def by_kerasgan(source, split):
    """Returns the images that a training would see."""
    from kerasgan.data import prepare

    with tempfile.TemporaryDirectory() as cache:
        return prepare(
            source,
            split,
            image_size=SIZE,
            crop=CROP,
            cache_dir=cache,
            progress=False,
        ).images


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--source", help="a zip of images")
    parser.add_argument("--split", default="all", help="or folder of the zip")
    parser.add_argument("--images", type=int, default=12_000, help="made ones")
    parser.add_argument("--rounds", type=int, default=7)
    return parser


def main():
    args = parser().parse_args()
    contestants = {"Pillow": by_pillow, "kerasgan": by_kerasgan}
    times = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory() as folder:
        source = args.source
        if source is None:
            source = Path(folder, "images.zip")
            write_images(source, args.images)
        counts = set()
        for _ in range(args.rounds):
            for name, run in contestants.items():
                before = time.perf_counter(), sum(os.times()[:2])
                counts.add(len(run(source, args.split)))
                after = time.perf_counter(), sum(os.times()[:2])
                times[name].append(
                    [(b - a) * 1e3 for a, b in zip(before, after)]
                )
    (count,) = counts
    print(f"{turns.machine()}, {count:,} images\n")
    print(turns.table(times, "Pillow", True))


if __name__ == "__main__":
    main()
