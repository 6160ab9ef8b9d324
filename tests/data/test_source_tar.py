"""Images in tar files, labels as WebDataset has them."""

import io
import tarfile

import numpy as np
import pytest

from kerasgan.data import prepare
from kerasgan.data.sources import open_source


@pytest.fixture
def make_tar(tmp_path):
    def make(members, name="a.tar", mode="w"):
        """A tar from `{name: bytes}`, or `{name: (type,)}` of links and the like."""
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with tarfile.open(path, mode) as archive:
            for member, data in members.items():
                info = tarfile.TarInfo(member)
                if isinstance(data, tuple):
                    (info.type,), info.linkname, data = data, "0.png", b""
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        return path

    return make


@pytest.fixture
def samples(pngs):
    """Seven samples of WebDataset, classes 10, 9, 2, 10, ..."""
    labels = {n.replace("png", "cls"): b"10\n" for n in pngs}
    labels |= {"01.cls": b"9", "02.cls": b"2"}
    return dict(sorted((pngs | labels).items()))


def prepared_by(source, split="train", **options):
    return prepare(source, split, image_size=8, **options)


def test_a_tar_is_like_the_folder(make_folder, make_tar, pngs):
    members = {f"set/{i % 2}/{name}": pngs[name] for i, name in enumerate(pngs)}
    members["notes.txt"] = b"?"
    for options in ({}, {"hold_out": 0.4}, {"image_size": (8, 8, 1)}):
        options = {"image_size": 8, "labels": True, **options}
        with pytest.warns(UserWarning, match="Ignored 1 file .* 1 .txt"):
            both = [
                prepare(source, **options)
                for source in (make_folder(members), make_tar(members))
            ]
        assert both[0].fingerprint == both[1].fingerprint
        assert both[0].names == both[1].names
        np.testing.assert_array_equal(both[0].labels, both[1].labels)


def test_shards_are_like_one(make_folder, make_tar, samples, pngs, tmp_path):
    names = list(samples)
    for i in range(3):
        part = {name: samples[name] for name in names[6 * i : 6 * i + 6]}
        make_tar(part, f"s/faces-{i:06}.tar")
    expected = prepared_by(make_folder(pngs)).fingerprint
    shards = tmp_path / "s"
    for source in (shards / "faces-{000000..000002}.tar", shards):
        prepared = prepared_by(source, labels=True)
        assert prepared.fingerprint == expected
        # Numbers in their order.
        assert prepared.classes == ["2", "9", "10"]
        assert prepared.labels.tolist() == [2, 1, 0, 2, 2, 2, 2]
        assert prepared.remarks == []
    (tmp_path / "classnames.txt").write_text("\n".join("abcdefghijk"))
    with pytest.warns(UserWarning, match="No image of 8 of 11 classes"):
        named = prepared_by(shards, labels=True)
    assert (named.classes[10], set(named.labels)) == ("k", {10, 9, 2})
    with pytest.raises(FileNotFoundError, match="4 shards, .* 1 .*000003.tar"):
        open_source(shards / "faces-{000000..000003}.tar")


def test_splits_and_equal_names_of_shards(make_tar, pngs, tmp_path):
    one, two, three, four = [pngs[f"0{i}.png"] for i in range(4)]
    make_tar({"0.png": one, "0.cls": b"cat"}, "s/train-0.tar")
    make_tar({"0.png": two, "0.cls": b"dog"}, "s/train-1.tar")
    make_tar({"0.png": three, "0.cls": b"dog"}, "s/val/a.tar")
    make_tar({"0.png": four}, "s/.hidden/b.tar")
    train = prepared_by(tmp_path / "s", labels=True)
    assert train.names == ["train/0.png", "train/train-1-0.png"]
    assert (train.split, train.labels.tolist()) == ("train", [0, 1])
    with pytest.warns(UserWarning, match="No image of 1 of 2"):
        unseen = prepared_by(tmp_path / "s", None, labels=True)
    assert (unseen.split, unseen.labels.tolist()) == ("val", [1])


def test_labels_in_json(make_tar, pngs):
    texts = [b'{"label": "b", "url": "x"}', b'"a"', b'{"class": "b"}', b"[]"]
    members = {n: pngs[n] for n in list(pngs)[:4]}
    labels = {f"0{i}.json": text for i, text in enumerate(texts)}
    with pytest.raises(ValueError, match=r"1 of 4 are in none.*03\.png"):
        prepared_by(make_tar(members | labels), labels=True)
    labels["03.cls"] = b"a"
    path = make_tar(members | labels)
    assert prepared_by(path, labels=True).labels.tolist() == [1, 0, 1, 0]
    # What says nothing about classes leaves them to the folders.
    members = {f"x/{n}": pngs[n] for n in ("00.png", "01.png")}
    members |= {"y/02.png": pngs["02.png"], "y/02.json": b'{"url": ""}'}
    path = make_tar(members, "b.tar")
    assert prepared_by(path, labels=True).classes == ["x", "y"]


def test_what_is_no_file_or_leads_out(make_tar, pngs, tmp_path):
    path = make_tar(
        {
            "0.png": pngs["00.png"],
            "1.png": (tarfile.SYMTYPE,),
            "2.png": (tarfile.LNKTYPE,),
            "3.png": (tarfile.CHRTYPE,),
            "4.cls": (tarfile.SYMTYPE,),
            "sub": (tarfile.DIRTYPE,),
            "../5.png": pngs["01.png"],
            "/6.png": pngs["01.png"],
        }
    )
    opened = open_source(path)
    assert opened.names == ["0.png"]
    assert opened.skipped == [
        ("1.png", "a link"),
        ("2.png", "a link"),
        ("3.png", "no file"),
        ("../5.png", "its name leads out of the tar"),
        ("/6.png", "its name leads out of the tar"),
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["a.tar"]


def test_tars_that_are_cut_off(make_tar, samples):
    path = make_tar(samples)
    whole = path.read_bytes()
    starts = {}
    with tarfile.open(path) as archive:
        starts = {info.name: info.offset_data for info in archive}
    for end, left, skipped in (
        (starts["04.png"] + 50, 4, r"1 of 5 .* 04\.png \(cut off: the tar"),
        (starts["04.png"] - 300, 4, r"1 of 5 .* \(.* damaged behind 04\.cls\)"),
        (starts["04.cls"], 4, r"1 of 5 .*a\.tar \(cut off .* behind 04\.cls\)"),
    ):
        path.write_bytes(whole[:end])
        with pytest.warns(UserWarning, match=f"Skipped {skipped}"):
            assert len(prepared_by(path)) == left
    # A header in the middle.
    place = starts["02.png"] - 512
    path.write_bytes(whole[:place] + b"\xff" * 512 + whole[place + 512 :])
    with pytest.warns(UserWarning, match=r"Skipped 1 of 3 .* behind 02\.cls"):
        assert len(prepared_by(path)) == 2


def test_what_is_no_plain_tar(make_tar, pngs):
    for mode in ("w:gz", "w:xz"):
        path = make_tar(pngs, f"a.tar.{mode[2:]}", mode)
        with pytest.raises(ValueError, match="gunzip, unxz or .* is not one"):
            open_source(path)
