"""Commands that draw from conditional generators."""

import numpy as np
import pytest
from PIL import Image
from small_networks import tiny_conditional

from kerasgan import sampling
from kerasgan.cli import interpolate, sample
from kerasgan.utils import image_grids


@pytest.fixture(scope="module")
def generator():
    return tiny_conditional(["ant", "bee", "cat"])


@pytest.fixture(autouse=True)
def loaded(monkeypatch, generator):
    for module in (sample, interpolate):
        monkeypatch.setattr(
            module, "load_generator", lambda name: (generator, None)
        )


def test_sample(generator, tmp_path, capsys):
    path = tmp_path / "grid.png"
    for options, count, columns in (
        ({"label": "cat", "count": 4}, 4, None),
        ({"label": "1"}, 64, None),
        ({"label": "all"}, 8, 8),
        ({"label": "all", "count": 2}, 2, 2),
    ):
        sample.command("run", output=path, **options)
        images = sampling.sample(generator, count, label=options["label"])
        np.testing.assert_array_equal(
            Image.open(path), image_grids.grid(images, columns)
        )
        said = capsys.readouterr().out
        assert said == f"Wrote {len(images)} images to {path}\n"
    sample.command("r", count=2, label="all", grid=False, output=tmp_path)
    assert len([*tmp_path.glob("000?.png")]) == 6
    with pytest.raises(ValueError, match="ant, bee, cat.*'dog'"):
        sample.command("run", label="dog", output=path)


def test_interpolate(generator, tmp_path):
    path = tmp_path / "rows.png"
    for labels, pairs in (
        ("cat, 0", [("cat", "ant")]),
        ("bee", [("bee", "bee")]),
        (None, [None]),
        ("cat,ant,cat", [("cat", "ant"), ("ant", "cat")]),
    ):
        seeds = [*range(len(pairs) + 1)]
        interpolate.command(
            "run", seeds=",".join(map(str, seeds)), labels=labels, output=path
        )
        rows = [
            sampling.interpolate(generator, (seed, seed + 1), 8, 8, labels=pair)
            for seed, pair in enumerate(pairs)
        ]
        np.testing.assert_array_equal(
            Image.open(path), image_grids.grid(np.concatenate(rows), 8)
        )
    with pytest.raises(ValueError, match="one class, or 2.*'a,b,c'"):
        interpolate.command("run", seeds="0,1", labels="a,b,c", output=path)
