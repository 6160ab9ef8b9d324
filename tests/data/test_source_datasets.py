"""Data sets of the library `datasets`."""

import sys

import numpy as np
import pytest

from kerasgan.data import prepare
from kerasgan.data.sources import open_source, source_name

datasets = pytest.importorskip("datasets", reason="needs datasets")
NAMES = ["dog", "cat", "owl"]


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Its cache in a folder of the test, and no network."""
    monkeypatch.setattr(
        datasets.config, "HF_DATASETS_CACHE", tmp_path / "library"
    )
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()


@pytest.fixture
def rows(pngs):
    return {
        "id": [*range(7)],
        "image": [{"bytes": data, "path": None} for data in pngs.values()],
        "label": [2, 0, 0, 1, 0, 2, 0],
    }


def make(rows, label=None):
    features = {
        "id": datasets.Value("int32"),
        "image": datasets.Image(),
        "label": label or datasets.ClassLabel(names=NAMES),
    }
    return datasets.Dataset.from_dict(rows, datasets.Features(features))


def test_a_saved_data_set_is_like_the_folder(
    library, make_folder, pngs, rows, tmp_path
):
    path = tmp_path / "saved"
    make(rows).save_to_disk(path)
    for options in ({}, {"hold_out": 0.4}, {"image_size": (8, 8, 1)}):
        options = {"image_size": 8, **options}
        expected = prepare(make_folder(pngs), **options)
        for source in (path, f"hf-dataset:{path}"):
            prepared = prepare(source, **options)
            assert prepared.fingerprint == expected.fingerprint
    labelled = prepare(path, image_size=8, labels=True)
    assert labelled.classes == NAMES
    assert labelled.labels.tolist() == rows["label"]
    assert source_name(f"hf-dataset:{path}") == "hf-dataset:saved"
    parquet = tmp_path / "a.parquet"
    make(rows).to_parquet(parquet)
    again = prepare(parquet, image_size=8, labels=True)
    assert again.fingerprint == labelled.fingerprint
    assert again.labels.tolist() == rows["label"]


def test_splits(library, rows, tmp_path):
    whole = make(rows)
    parts = {"train": whole.select([4, 3, 0]), "validation": whole.select([1])}
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "saved")
    train = prepare(tmp_path / "saved", image_size=8, labels=True)
    assert train.names == [f"train/{i:07}" for i in range(3)]
    assert train.labels.tolist() == [0, 1, 2]
    unseen = prepare(tmp_path / "saved", None, image_size=8)
    assert (len(unseen), unseen.split) == (1, "val")
    assert len(prepare(tmp_path / "saved", "all", image_size=8)) == 4
    with pytest.raises(
        ValueError, match="splits: train, validation.*split=test"
    ):
        open_source(tmp_path / "saved", "test")


def test_labels_without_a_class_label(library, rows, tmp_path):
    rows["label"] = ["b", "a", "b", "a", "b", "a", None]
    make(rows, datasets.Value("string")).save_to_disk(tmp_path / "a")
    with pytest.raises(ValueError, match="1 of 7 are in none, such as 0000006"):
        prepare(tmp_path / "a", image_size=8, labels=True)
    rows["label"] = [30, 4, 4, 4, 4, 4, 30]
    make(rows, datasets.Value("int64")).save_to_disk(tmp_path / "b")
    prepared = prepare(tmp_path / "b", image_size=8, labels=True)
    assert prepared.classes == ["4", "30"]
    np.testing.assert_array_equal(prepared.labels, [1, 0, 0, 0, 0, 0, 1])


def test_rows_that_are_no_images_are_named(library, rows, tmp_path):
    rows["image"][1] = {"bytes": b"nothing", "path": None}
    rows["image"][2] = None
    rows["label"][5] = 1
    gone = tmp_path / "gone.png"
    gone.write_bytes(b"")
    rows["image"][3] = {"bytes": None, "path": str(gone)}
    rows["image"][4]["bytes"] = rows["image"][4]["bytes"][:300]
    make(rows).save_to_disk(tmp_path / "saved")
    gone.unlink()
    with pytest.warns(UserWarning, match="Skipped 4 of 7 .*0000001 .not an im"):
        prepared = prepare(tmp_path / "saved", image_size=8, labels=True)
    assert prepared.skipped == [f"000000{i}" for i in range(1, 5)]
    assert prepared.labels.tolist() == [2, 1, 0]


def test_a_folder_of_files_and_what_is_missing(library, make_folder, pngs):
    members = {f"train/{'ab'[i % 2]}/{n}": pngs[n] for i, n in enumerate(pngs)}
    folder = make_folder(members)
    prepared = prepare(f"hf-dataset:{folder}", image_size=8, labels=True)
    expected = prepare(folder, image_size=8, labels=True)
    assert prepared.classes == expected.classes
    assert sorted(prepared.images.sum((1, 2, 3))) == sorted(
        expected.images.sum((1, 2, 3))
    )
    with pytest.raises(ValueError, match="it says: .* source=hf-dataset:no/th"):
        open_source("hf-dataset:no/thing")


def test_without_an_image_column(library, tmp_path):
    datasets.Dataset.from_dict({"a": [1]}).save_to_disk(tmp_path / "saved")
    with pytest.raises(ValueError, match="its columns are: a. Received"):
        open_source(tmp_path / "saved")


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ValueError, match="pip install 'datasets"):
        open_source("hf-dataset:user/name")
