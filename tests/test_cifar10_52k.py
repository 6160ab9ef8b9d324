"""The script that makes cifar10-52k.zip, on archives of a few images."""

import gzip
import hashlib
import importlib.util
import io
import json
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasgan.data.labels import labelling
from kerasgan.data.sources import open_source

TOP = Path(__file__).parents[1]
SCRIPT = TOP / "research" / "cifar10_52k.py"
SPECIFICATION = importlib.util.spec_from_file_location("cifar", SCRIPT)
MAKER = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(MAKER)

FOLDER = "cifar-10-batches-bin"
CAT, DOG, SHIP = 3, 5, 8
LABELS = [CAT, SHIP, CAT, DOG]
NAMES = {CAT: "cat", DOG: "dog", SHIP: "ship"}


def record(label, pixels):
    return bytes([label]) + pixels.transpose(2, 0, 1).tobytes()


def digest(pixels):
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def digest_of_all(images):
    lines = sorted(
        f"{NAMES[label]}/{digest(pixels)}" for label, pixels in images
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def beginnings(images):
    found = {}
    for label, pixels in images:
        name = NAMES[label]
        found[name] = found.get(name, "") + digest(pixels)[: MAKER.DIGITS]
    return found


def write_tar(path, contents):
    """Writes a folder and members: a link to the first in place of None."""
    with tarfile.open(path, "w:gz") as archive:
        folder = tarfile.TarInfo(next(iter(contents)).partition("/")[0])
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type = tarfile.LNKTYPE
                member.linkname = next(iter(contents))
            else:
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content or b""))


class Case:
    """A tar with four images a member, and a list: two are for the test split."""

    def __init__(self, folder):
        self.tar, self.output = folder / "binary.tar.gz", folder / "some.zip"
        self.list = folder / "list.json"
        pixels = np.random.default_rng(0).integers(
            0, 256, (24, 32, 32, 3), np.uint8
        )
        images = list(zip(LABELS * 6, pixels))
        self.train, self.test = images[:20], images[20:]
        # Equal pixels: in a split, in both, and in two classes.
        self.train[6] = self.train[4]
        self.test[0] = (DOG, self.train[0][1])
        self.test[2] = self.test[3] = (CAT, self.train[0][1])
        self.chosen = [self.test[1], self.test[2]]
        # The list has another order than the authors.
        self.listed = self.train[::-1]
        self.contents = {f"{FOLDER}/readme.html": b""}
        names = [f"data_batch_{number}.bin" for number in range(1, 6)]
        images = self.train + self.test
        for start, name in enumerate([*names, "test_batch.bin"]):
            part = images[4 * start : 4 * start + 4]
            self.contents[f"{FOLDER}/{name}"] = b"".join(
                record(*image) for image in part
            )
        self.known = {
            "records": 4,
            "sha256": {
                "train": digest_of_all(self.train),
                "test": digest_of_all(self.chosen),
            },
            "digests": {
                "train": beginnings(self.listed),
                "test": beginnings(self.chosen),
            },
        }

    def write(self):
        write_tar(self.tar, self.contents)
        self.list.write_text(json.dumps(self.known))


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


@pytest.fixture
def make(case, monkeypatch, capsys):
    """Returns a function that runs the script and returns what it prints."""

    def run(tar=None):
        command = ["cifar10_52k.py", tar or case.tar, case.output]
        command += ["--list", case.list]
        monkeypatch.setattr("sys.argv", [*map(str, command)])
        MAKER.main()
        return capsys.readouterr().out

    return run


@pytest.fixture
def fails(case, make, capsys):
    """Returns a function that expects one error, in which there is a text."""

    def run(*texts):
        with pytest.raises(SystemExit) as error:
            make()
        assert error.value.code == 2
        printed = capsys.readouterr().err
        assert printed.count("error: ") == 1
        message = printed.partition("error: ")[2].strip()
        assert message.startswith("expected ") and "\n" not in message
        for text in (f"Received: {case.tar}", *texts):
            assert text in message
        assert {*case.output.parent.iterdir()} == {case.tar, case.list}

    return run


def test_the_list_is_one_of_cifar10():
    known = json.loads(SCRIPT.with_suffix(".json").read_text())
    assert known["records"] == 10_000
    for split, count in (("train", 5_000), ("test", 200)):
        of_split = known["digests"][split]
        assert [*of_split] == [*MAKER.CLASSES]
        assert {len(text) for text in of_split.values()} == {10 * count}


def test_the_zip_has_the_images_of_the_list_in_its_order(case, make):
    case.write()
    printed = make()
    assert printed == f"Wrote {case.output}: 20 train and 2 test images\n"
    expected = {}
    for split, images in (("train", case.listed), ("test", case.chosen)):
        for label, name in NAMES.items():
            of_class = [pixels for own, pixels in images if own == label]
            for number, pixels in enumerate(of_class):
                expected[f"{split}/{name}/{number:04d}.webp"] = pixels
    with zipfile.ZipFile(case.output) as archive:
        assert archive.namelist() == [*expected]
        for member in archive.infolist():
            assert member.compress_type == zipfile.ZIP_STORED
            with Image.open(archive.open(member)) as image:
                assert image.format == "WEBP"
                pixels = np.asarray(image)
            np.testing.assert_array_equal(pixels, expected[member.filename])


def test_kerasgan_reads_the_zip_with_its_classes(case, make):
    case.write()
    make()
    for split, count in (("train", 20), ("test", 2)):
        source = open_source(case.output, split)
        assert (len(source), source.split) == (count, split)
        names, label_of = labelling(source)
        assert names == ["cat", "dog", "ship"]
        for name, read in source:
            assert names[label_of(name, read)] == name.split("/")[-2]


def test_the_order_of_the_file_may_be_another(case, make):
    one, two = (f"{FOLDER}/data_batch_{number}.bin" for number in (1, 2))
    first, second = case.contents[one], case.contents[two]
    case.contents |= {one: second, two: first}
    case.write()
    assert "20 train and 2 test images" in make()


@pytest.mark.parametrize(
    "content", [b"no tar at all" * 99, b"", b"\x1f\x8b no gzip"]
)
def test_a_file_that_is_no_tar_is_an_error(case, fails, content):
    case.write()
    case.tar.write_bytes(content)
    fails("the tar that CIFAR-10's authors give away")


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_file_that_ends_early_is_an_error(case, fails, share):
    case.write()
    content = case.tar.read_bytes()
    case.tar.write_bytes(content[: int(len(content) * share)])
    fails("the tar that CIFAR-10's authors give away")


def test_a_damaged_block_or_checksum_is_an_error(case, fails):
    case.write()
    content = gzip.decompress(case.tar.read_bytes())
    whole = gzip.compress(content[:26_000])
    # After the compressed bytes: a checksum of 4, the length of 4.
    wrong = whole[:-8] + bytes(4) + whole[-4:]
    packer = zlib.compressobj(wbits=31)
    part = packer.compress(content[:26_000]) + packer.flush(zlib.Z_FULL_FLUSH)
    # The type of a block is never 3.
    for damaged in (wrong + whole, part + b"\x07" * 99):
        case.tar.write_bytes(damaged)
        fails("the tar that CIFAR-10's authors give away")


def test_no_file_is_an_error(case, make, tmp_path, capsys):
    case.write()
    with pytest.raises(SystemExit):
        make(tmp_path / "none.tar.gz")
    assert "none.tar.gz" in capsys.readouterr().err
    assert not case.output.exists()


def test_a_member_that_is_missing_is_named(case, fails):
    del case.contents[f"{FOLDER}/data_batch_4.bin"]
    case.write()
    fails(f"with {FOLDER}/data_batch_4.bin.", f" with {FOLDER}/readme.html")


def test_a_link_is_no_member(case, fails):
    name = f"{FOLDER}/test_batch.bin"
    case.contents[name] = None
    case.write()
    fails(f"with {name}.")


def test_another_length_is_an_error(case, fails):
    case.contents[f"{FOLDER}/data_batch_2.bin"] += b"\0"
    case.write()
    fails("4 records of 3,073 bytes in", "data_batch_2.bin", "12,293 bytes")


def test_cifar_100_is_an_error(case, fails):
    one = bytes(2 + 3072)
    case.contents = {
        f"cifar-100-binary/{name}": 4 * one
        for name in ("train.bin", "test.bin")
    }
    case.write()
    fails(f"with {FOLDER}/data_batch_1.bin.", "cifar-100-binary/train.bin")


def test_labels_of_more_than_ten_classes_are_an_error(case, fails):
    name = f"{FOLDER}/data_batch_3.bin"
    case.contents[name] = bytes([10]) + case.contents[name][1:]
    case.write()
    fails(f"labels from 0 to 9 in {name}", "with 10")


def test_a_test_image_of_the_list_that_is_missing_is_an_error(case, fails):
    name = f"{FOLDER}/test_batch.bin"
    content = bytearray(case.contents[name])
    content[MAKER.RECORD + 7] ^= 1
    case.contents[name] = bytes(content)
    case.write()
    fails("2 test images of CIFAR-10", "without 1 of them")


@pytest.mark.parametrize("place", [0, 7])
def test_another_training_image_or_class_is_an_error(case, fails, place):
    name = f"{FOLDER}/data_batch_5.bin"
    content = bytearray(case.contents[name])
    content[place] ^= 1
    case.contents[name] = bytes(content)
    case.write()
    fails("20 train images of CIFAR-10", "without 1 of them")


def test_a_digest_that_only_begins_alike_is_an_error(case, fails):
    case.known["sha256"]["test"] = "0" * 64
    case.write()
    fails("the test images that the list belongs to")


def test_images_have_the_order_of_the_list():
    records = [MAKER.Record("cat", None, x * 64) for x in "abb"]
    wanted = {"cat": "".join(x * MAKER.DIGITS for x in "bab")}
    chosen = MAKER.choose(records, wanted, "test", "x.tar.gz")
    assert [record.digest[0] for record in chosen] == ["b", "a", "b"]
    assert chosen[0] is records[1] and chosen[2] is records[2]
