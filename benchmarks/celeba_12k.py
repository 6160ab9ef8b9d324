"""Make celeba-12k.zip, whose pictures the zoo's numbers belong to, from CelebA.

    python benchmarks/celeba_12k.py img_align_celeba.zip celeba-12k.zip

The first one is the aligned pictures as the data set's authors give them away
(https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html: non-commercial research
only), the zip or the folder of NNNNNN.jpg. The second one gets 12,000 for
training (`train/`) and 500 for measuring (`test/`), a uniform random sample
whose numbers stand in `celeba_12k.json`, with the digest of all of their bytes.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

from kerasgan.data.sources import open_source
from kerasgan.utils.files import atomic_write
from kerasgan.utils.progress_bars import progress_bar

LIST = Path(__file__).with_suffix(".json")


def build(images, output, progress=None):
    """Write the zip.

    Args:
        images: a folder or a zip of the aligned pictures.
        output: the zip to write.
        progress: as of `kerasgan.utils.progress_bars.progress_bar`.

    Raises:
        ValueError: pictures are missing, or they are not those of the list.
    """
    known = json.loads(LIST.read_text(encoding="utf-8"))
    there = {
        Path(name).stem: read for name, read in open_source(images, "train")
    }
    wanted = [
        (split, f"{number:06d}")
        for split in ("train", "test")
        for number in known[split]
    ]
    missing = [number for _, number in wanted if number not in there]
    if missing:
        raise ValueError(
            f"expected {len(wanted):,} pictures of CelebA, NNNNNN.jpg. "
            f"Received: {images} without {len(missing):,} of them, such as "
            f"{missing[0]}.jpg"
        )
    digest = hashlib.sha256()
    with atomic_write(Path(output), "wb") as file:
        with (
            zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
            progress_bar("Copying", len(wanted), progress) as advance,
        ):
            for split, number in wanted:
                content = there[number]()
                digest.update(content)
                archive.writestr(f"{split}/{number}.jpg", content)
                advance()
        if digest.hexdigest() != known["sha256"]:
            raise ValueError(
                "these are not the bytes that the list belongs to: pictures "
                "that were written anew give other numbers. Received: "
                f"{images}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    try:
        build(given.images, given.output)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(f"Wrote {given.output}")


if __name__ == "__main__":
    main()
