import os
import zipfile

import pytest

from kerasgan.data.members import Listing, is_image
from kerasgan.data.opened_source import OpenedSource, is_tfds
from kerasgan.data.sources import open_source, source_name


def test_a_source_of_tensorflow_datasets_is_known_by_its_name(tmp_path):
    opened = OpenedSource()
    opened.given = "tfds:dots"
    assert is_tfds("tfds:dots") and is_tfds(opened)
    assert not is_tfds("hf-dataset:dots") and not is_tfds(
        tmp_path / "tfds:dots"
    )


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a.jpg", True),
        ("b/c.JPEG", True),
        ("d.WebP", True),
        ("notes.txt", False),
        ("jpg", False),
        (".hidden.png", False),
        ("__MACOSX/a/._b.jpg", False),
        (".thumbnails/a.jpg", False),
        ("a.avif", True),
        ("a.tga", True),
        ("a.heic", False),
        ("a.eps", False),
        ("Thumbs.db", False),
    ],
)
def test_is_image(name, expected):
    assert is_image(name) is expected


def select(names, split):
    listing = Listing()
    for name in names.split():
        listing.add(name)
    names, unknown, others, _ = listing.select(split, "s")
    assert unknown == {n for n in names if "." not in n}
    return " ".join(names), others


@pytest.mark.parametrize(
    "names, split, expected, others",
    [
        # Names that tell nothing are members, and hidden ones never.
        ("a.png b c/d .e c/.f", "train", "a.png b c/d", {}),
        ("a b c/d", "train", "a b c/d", {}),
        # They tell no splits,
        ("LICENSE w/train/a.png w/test/b.png", "test", "w/test/b.png", {}),
        ("LICENSE w/train/a.png w/test/b.png", "train", "w/train/a.png", {}),
        ("doc/x train/a.png test/b.png", "train", "train/a.png", {}),
        ("doc/x cat/a.png dog/b.png", "train", "cat/a.png doc/x dog/b.png", {}),
        # but where their folder is one.
        ("train/a.png test/b", "train", "train/a.png", {}),
        ("train/a test/b", "test", "test/b", {}),
        (
            "train/a/b.png train/c test/d.png",
            "train",
            "train/a/b.png train/c",
            {},
        ),
        # What is never opened is counted with the split.
        (
            "x.txt cat/a.png cat/a.txt lab/b.json lab/c.json",
            "train",
            "cat/a.png",
            {".txt": 2, ".json": 2},
        ),
        (
            "x.md train/a.png train/a.txt train/l/b.txt test/c.png test/c.csv",
            "train",
            "train/a.png",
            {".txt": 2},
        ),
        ("a.txt b/c.nef", "train", "", {".txt": 1, ".nef": 1}),
    ],
)
def test_members_that_are_no_images(names, split, expected, others):
    assert select(names, split) == (expected, others)


def test_folder_and_zip_name_the_same_images(make_folder, make_zip):
    members = {
        "train/b/2.png": b"two",
        "train/a/1.jpg": b"one",
        "train/notes.txt": b"",
        "test/3.png": b"three",
    }
    for source in (make_folder(members), make_zip(members)):
        opened = open_source(source, "train")
        read = [(name, reader()) for name, reader in opened]
        assert read == [("train/a/1.jpg", b"one"), ("train/b/2.png", b"two")]
        assert len(opened) == 2


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_are_followed_but_not_round_in_circles(make_folder):
    other = make_folder({"1.png": b"one"}, "other")
    folder = make_folder({"0.png": b"zero"})
    (folder / "linked").symlink_to(other)
    (folder / "self").symlink_to(folder)
    (folder / "gone.png").symlink_to(folder / "nothing")
    (folder / "itself").symlink_to(folder / "itself")
    names = [name for name, _ in open_source(folder)]
    assert names == ["0.png", "gone.png", "itself", "linked/1.png"]


def test_names_in_a_zip_that_other_programs_write(make_zip):
    names = {
        "./0.png": b"0",
        "a\\1.png": b"1",
        "a//2.png": b"2",
        "0.png": b"again",
        "../x.png": b"x",
        "a\\..\\..\\y.png": b"y",
        "/etc/z.png": b"z",
        "C:\\w.png": b"w",
        "../notes.txt": b"",
        "a\\": b"",
    }
    opened = open_source(make_zip(names))
    assert [(name, read()) for name, read in opened] == [
        ("0.png", b"0"), ("a/1.png", b"1"), ("a/2.png", b"2")
    ]  # fmt: skip
    assert [name for name, _ in opened.skipped] == [
        "0.png", "../x.png", "a\\..\\..\\y.png", "/etc/z.png", "C:\\w.png"
    ]  # fmt: skip
    split = open_source(make_zip({"test\\0.png": b"", "train\\1.png": b""}))
    assert (split.names, split.split) == (["train/1.png"], "train")


def test_missing_source(tmp_path):
    with pytest.raises(FileNotFoundError, match="Received: source=.*nowhere"):
        open_source(tmp_path / "nowhere")


def test_source_without_images(make_folder, make_zip):
    for source in (make_folder({"a.txt": b""}), make_zip({"a.txt": b""})):
        with pytest.raises(
            ValueError, match="with images .* none, only 1 .txt. Received"
        ):
            open_source(source)


def test_zip_members_are_not_inflated_beyond_what_is_asked_for(tmp_path):
    zeros = bytes(2**20)
    for compression in (
        zipfile.ZIP_STORED,
        zipfile.ZIP_DEFLATED,
        zipfile.ZIP_LZMA,
    ):
        path = tmp_path / f"{compression}.zip"
        with zipfile.ZipFile(path, "w", compression) as archive:
            archive.writestr("a.png", zeros)
        ((_, read),) = open_source(path)
        assert read.size == 2**20
        assert read(16) == bytes(16)
        assert read() == zeros
        # A size that is not true ends in an error, not in all of it.
        read.member.file_size = 1000
        with pytest.raises(zipfile.BadZipFile, match="CRC"):
            read()


def test_file_that_is_no_zip(make_folder):
    path = make_folder({"a.zip": b"not a zip"}) / "a.zip"
    with pytest.raises(ValueError, match="not a sound zip.*Received"):
        open_source(path)


@pytest.mark.parametrize(
    "source, name",
    [
        ("tfds:lsun/bedroom", "tfds:lsun/bedroom"),
        ("/home/me/faces.zip", "faces.zip"),
        ("faces/", "faces"),
    ],
)
def test_source_name(source, name):
    assert source_name(source) == name


def test_an_open_source_stands_for_its_path(tmp_path):
    for split in ("train", "test"):
        (tmp_path / "photos" / split).mkdir(parents=True)
        (tmp_path / "photos" / split / "0.png").write_bytes(b"")
    path = tmp_path / "photos"
    opened = open_source(path, "train")
    assert open_source(opened, "train") is opened
    other = open_source(opened, "test")
    assert (other.split, other.given) == ("test", path)
    assert f"{opened}" == os.fspath(opened) == os.fspath(path)
    assert source_name(opened) == "photos"
    opened.close()
    again = open_source(opened, "train")
    assert again is not opened and again.names == ["train/0.png"]
