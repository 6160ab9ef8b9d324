"""Which pictures the zoo's numbers belong to."""

import hashlib
import importlib.util
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "celeba_12k.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("celeba_12k", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "img_align_celeba"
    folder.mkdir()
    for number in range(1, 8):
        pixels = np.full((4, 4, 3), number, np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:06d}.jpg")
    return folder


@pytest.fixture
def listed(script, images, tmp_path, monkeypatch):
    """A list of four of them."""
    chosen = {"train": [2, 3, 7], "test": [5]}
    digest = hashlib.sha256()
    for numbers in chosen.values():
        for number in numbers:
            digest.update((images / f"{number:06d}.jpg").read_bytes())
    content = {**chosen, "sha256": digest.hexdigest()}
    monkeypatch.setattr(script, "LIST", tmp_path / "list.json")
    script.LIST.write_text(json.dumps(content))
    return script


def test_the_list_is_one_of_celeba(script):
    known = json.loads(script.LIST.read_text())
    assert (len(known["train"]), len(known["test"])) == (12_000, 500)
    numbers = {*known["train"], *known["test"]}
    # Of these no picture is in both.
    assert len(numbers) == 12_500
    assert min(numbers) >= 1 and max(numbers) <= 202_599


def test_it_copies_the_pictures_of_the_list(listed, images, tmp_path):
    listed.build(images, tmp_path / "some.zip", progress=False)
    with zipfile.ZipFile(tmp_path / "some.zip") as archive:
        assert archive.namelist() == [
            "train/000002.jpg",
            "train/000003.jpg",
            "train/000007.jpg",
            "test/000005.jpg",
        ]
        content = archive.read("test/000005.jpg")
    assert content == (images / "000005.jpg").read_bytes()


def test_other_pictures_are_refused_and_leave_nothing(listed, images, tmp_path):
    Image.new("RGB", (4, 4), "red").save(images / "000003.jpg")
    with pytest.raises(ValueError, match="not the bytes"):
        listed.build(images, tmp_path / "some.zip", progress=False)
    (images / "000007.jpg").unlink()
    with pytest.raises(ValueError, match="without 1 of them, such as 000007"):
        listed.build(images, tmp_path / "some.zip", progress=False)
    assert not (tmp_path / "some.zip").exists()
