"""Make celeba-12k.zip, whose images the zoo's numbers belong to, from CelebA.

    python research/celeba_12k.py img_align_celeba.zip celeba-12k.zip

The first one is the aligned images as the data set's authors give them away
(https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html: non-commercial research
only), the zip or the folder of NNNNNN.jpg. The second one gets 12,000 for
training (`train/`) and 500 for measuring (`test/`), a uniform random sample
whose numbers are in `celeba_12k.json`, with the digest of all of their bytes.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

from kerasgan.data.sources import open_source
from kerasgan.utils.files import atomic_write

LIST = Path(__file__).with_suffix(".json")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--list", type=Path, default=LIST)
    given = parser.parse_args()
    known = json.loads(given.list.read_text(encoding="utf-8"))
    try:
        images = dict(open_source(given.images, "train"))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    there = {Path(name).stem: read for name, read in images.items()}
    wanted = [
        (split, f"{number:06d}")
        for split in ("train", "test")
        for number in known[split]
    ]
    if missing := [number for _, number in wanted if number not in there]:
        parser.error(
            f"expected {len(wanted):,} images of CelebA, NNNNNN.jpg. Received: "
            f"{given.images} without {len(missing):,} of them, such as "
            f"{missing[0]}.jpg"
        )
    digest = hashlib.sha256()
    with atomic_write(given.output) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for split, number in wanted:
                content = there[number]()
                digest.update(content)
                archive.writestr(f"{split}/{number}.jpg", content)
        if digest.hexdigest() != known["sha256"]:
            parser.error(
                "these are not the bytes that the list belongs to: images that "
                f"were encoded again give other numbers. Received: {given.images}"
            )
    print(f"Wrote {given.output}")


if __name__ == "__main__":
    main()
