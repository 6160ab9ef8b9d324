"""Shapes are told apart by how much of their bounding box they fill."""

import math

import numpy as np
import pytest
from PIL import Image

from kerasgan.data import draw_shapes, prepare

FILLED = {"circle": math.pi / 4, "diamond": 0.5, "square": 1, "triangle": 0.5}


@pytest.fixture
def shapes(tmp_path):
    return draw_shapes(tmp_path / "new" / "shapes", count=10, image_size=64)


def pixels(folder):
    return {
        path.relative_to(folder).as_posix(): np.asarray(Image.open(path))
        for path in sorted(folder.glob("*/*.png"))
    }


def test_each_class_has_its_shape(shapes):
    drawn = pixels(shapes)
    assert len(drawn) == 10 and {p.name for p in shapes.parent.iterdir()} == {
        "shapes"
    }
    for name, image in drawn.items():
        assert image.shape == (64, 64, 3)
        # The share of the shape's colour in each pixel; its middle has it all.
        away = np.abs(image.astype(float) - image[0, 0]).sum(-1)
        share = away / away.max()
        rows, columns = (share.max(axis) for axis in (1, 0))
        assert share[[0, -1]].max() == share[:, [0, -1]].max() == 0, name
        filled = share.sum() / (rows.sum() * columns.sum())
        assert filled == pytest.approx(FILLED[name.split("/")[0]], abs=0.07)
    colours = {image.min(axis=(0, 1)).tobytes() for image in drawn.values()}
    assert len(colours) == len(drawn)


def test_a_seed_draws_the_same_and_classes_are_sub_folders(shapes, tmp_path):
    drawn = pixels(shapes)
    fewer = pixels(draw_shapes(tmp_path / "fewer", count=6, image_size=64))
    other = pixels(draw_shapes(tmp_path / "other", 6, image_size=64, seed=1))
    assert len(fewer) == 6
    for name, image in fewer.items():
        np.testing.assert_array_equal(image, drawn[name])
        assert (image != other[name]).any()
    prepared = prepare(shapes, image_size=8, labels=True)
    assert prepared.classes == sorted(FILLED)
    assert np.bincount(prepared.labels).tolist() == [3, 3, 2, 2]


def test_refusals_name_what_came(shapes, tmp_path):
    with pytest.raises(FileExistsError, match=r"empty folder.*new/shapes"):
        draw_shapes(shapes)
    for wrong in ({"count": 0}, {"image_size": 6}, {"seed": -1}):
        with pytest.raises(ValueError, match=r"Received: \w+=-?\d"):
            draw_shapes(tmp_path / "wrong", **wrong)
    assert not (tmp_path / "wrong").exists()
