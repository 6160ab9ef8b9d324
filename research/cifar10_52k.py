"""Make cifar10-52k.zip, whose images the zoo's numbers belong to, from CIFAR-10.

    python research/cifar10_52k.py cifar-10-binary.tar.gz cifar10-52k.zip

The first one is the binary version as the data set's authors give it away
(https://www.cs.toronto.edu/~kriz/cifar.html). The second one gets its 50,000
training images (`train/<class>/`) and 200 test images of each class
(`test/<class>/`). `cifar10_52k.json` has digests of all, in the order in which
the zoo's zip has them: their names, classes and fingerprints are the same.
"""

import argparse
import collections
import gzip
import hashlib
import io
import json
import posixpath
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from kerasgan.utils.files import atomic_write

LIST = Path(__file__).with_suffix(".json")
FOLDER = "cifar-10-batches-bin"
MEMBERS = {
    "train": [f"{FOLDER}/data_batch_{number}.bin" for number in range(1, 6)],
    "test": [f"{FOLDER}/test_batch.bin"],
}
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
# A label and the planes R, G and B.
RECORD = 1 + 3 * 32 * 32
# Hexadecimal digits of an image's digest in the list.
DIGITS = 10

# What reading a damaged tar raises.
DAMAGE = (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error)

Record = collections.namedtuple("Record", "label pixels digest")


def read_members(path, records):
    """Returns the bytes of the six members, by their names in the tar."""
    wanted = [name for names in MEMBERS.values() for name in names]
    contents, others = {}, []
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = posixpath.normpath(member.name)
                if not (member.isreg() and name in wanted):
                    others += [] if member.isdir() else [name]
                    continue
                if member.size != records * RECORD:
                    raise ValueError(
                        f"expected {records:,} records of {RECORD:,} bytes in "
                        f"{name}. Received: {path} with {member.size:,} bytes"
                    )
                contents[name] = archive.extractfile(member).read()
    except DAMAGE as error:
        reason = str(error).partition("\n")[0].rstrip(":")
        raise ValueError(
            "expected the tar that CIFAR-10's authors give away, "
            f"cifar-10-binary.tar.gz. Received: {path} ({reason})"
        ) from error
    if missing := [name for name in wanted if name not in contents]:
        raise ValueError(
            f"expected cifar-10-binary.tar.gz, with {missing[0]}. Received: "
            f"{path} with {', '.join(others[:3]) or 'nothing else'}"
        )
    return contents


def split_records(content, name, path):
    """Returns a `Record` of each image of a member."""
    records = np.frombuffer(content, np.uint8).reshape(-1, RECORD)
    if records[:, 0].max() >= len(CLASSES):
        raise ValueError(
            f"expected labels from 0 to {len(CLASSES) - 1} in {name}, as "
            f"CIFAR-10 has. Received: {path} with {records[:, 0].max()}"
        )
    planes = records[:, 1:].reshape(-1, 3, 32, 32)
    images = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
    return [
        Record(CLASSES[label], pixels, hashlib.sha256(pixels).hexdigest())
        for label, pixels in zip(records[:, 0], images)
    ]


def choose(records, wanted, split, path):
    """Returns those whose classes and digests are in the list, in its order.

    Args:
        records: the `Record`s of a split of the authors.
        wanted: the list's: class -> the beginnings of digests, one after the
            other.
        split: its name, for an error.
        path: of the tar, for an error.
    """
    # Equal images, which have one key, are taken in turn.
    there = collections.defaultdict(list)
    for record in reversed(records):
        there[record.label, record.digest[:DIGITS]].append(record)
    keys = [
        (label, digests[at : at + DIGITS])
        for label, digests in wanted.items()
        for at in range(0, len(digests), DIGITS)
    ]
    chosen = [there[key].pop() for key in keys if there[key]]
    if missing := len(keys) - len(chosen):
        raise ValueError(
            f"expected {len(keys):,} {split} images of CIFAR-10 that the list "
            "has. "
            f"Received: {path} without {missing:,} of them"
        )
    return chosen


def digest_of_all(records):
    """Computes a digest of pixels and classes that no order changes."""
    lines = sorted(f"{record.label}/{record.digest}" for record in records)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def read_images(path, known):
    """Returns the records of each split, which are those of the list."""
    contents = read_members(path, known["records"])
    splits = {}
    for split, names in MEMBERS.items():
        records = [
            record
            for name in names
            for record in split_records(contents[name], name, path)
        ]
        records = choose(records, known["digests"][split], split, path)
        splits[split] = records
        if digest_of_all(records) != known["sha256"][split]:
            raise ValueError(
                f"expected the {split} images that the list belongs to, with "
                f"their classes. Received: {path} with others"
            )
    return splits


def write_zip(file, splits):
    """Writes lossless WebP files, numbered in each class of each split."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for split, records in splits.items():
            for name in CLASSES:
                of_class = [r.pixels for r in records if r.label == name]
                for number, pixels in enumerate(of_class):
                    encoded = io.BytesIO()
                    Image.fromarray(pixels).save(encoded, "WEBP", lossless=True)
                    archive.writestr(
                        f"{split}/{name}/{number:04d}.webp", encoded.getvalue()
                    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--list", type=Path, default=LIST)
    given = parser.parse_args()
    known = json.loads(given.list.read_text(encoding="utf-8"))
    try:
        splits = read_images(given.images, known)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    with atomic_write(given.output) as file:
        write_zip(file, splits)
    numbers = " and ".join(f"{len(r):,} {s}" for s, r in splits.items())
    print(f"Wrote {given.output}: {numbers} images")


if __name__ == "__main__":
    main()
