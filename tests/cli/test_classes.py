"""Commands that draw from conditional generators."""

import types

import numpy as np
import pytest
from PIL import Image
from small_networks import tiny_conditional

from kerasgan import sampling
from kerasgan.architectures import dcgan
from kerasgan.cli import directions, interpolate, sample
from kerasgan.utils import image_grids


@pytest.fixture(scope="module")
def generator():
    return tiny_conditional(["ant", "bee", "cat"])


@pytest.fixture(autouse=True)
def loaded(monkeypatch, generator):
    load(monkeypatch, generator)


def load(monkeypatch, generator):
    for module in (sample, interpolate, directions):
        monkeypatch.setattr(
            module, "load_generator", lambda entry, recipe: generator
        )
    recipe = types.SimpleNamespace(
        architecture=types.SimpleNamespace(
            latent_dim=sampling.latent_size(generator)
        ),
        data=types.SimpleNamespace(classes=["of", "some", "name"]),
    )
    entry = types.SimpleNamespace(recipe=lambda: recipe)
    monkeypatch.setattr("kerasgan.zoo.catalogue.find", lambda name: entry)


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


def test_latents_and_directions(monkeypatch, tmp_path):
    generator, _ = dcgan((8, 8, 3), 4, 2, normalization="batch", num_classes=2)
    beta = generator.get_layer("stem_normalization").beta
    # So that classes differ.
    beta.assign(np.arange(4).reshape(beta.shape))
    load(monkeypatch, generator)
    path, file = tmp_path / "images.png", tmp_path / "z.npz"
    z, labels = sampling.latents(3, 4, 5), [1, 0, 1]
    sampling.save_latents(file, z, labels)

    def check(images, columns):
        images = images.reshape(-1, 8, 8, 3)
        np.testing.assert_array_equal(
            Image.open(path), image_grids.grid(images, columns)
        )

    sample.command("run", latents=file, output=path)
    check(sampling.sample(generator, latents=z, label=labels), None)
    with pytest.raises(ValueError, match="not both.*seed=3"):
        sample.command("run", latents=file, seed=3, output=path)
    # Here it draws the classes.
    sampling.save_latents(tmp_path / "z.npy", z)
    drawn = {"latents": tmp_path / "z.npy", "seed": 3}
    sample.command("run", **drawn, output=path)
    check(sampling.sample(generator, latents=z, seed=3), None)
    with pytest.raises(ValueError, match="not both.*seed=3"):
        sample.command("run", **drawn, label="1", output=path)
    interpolate.command("run", latents=file, steps=2, output=path)
    check(
        sampling.sample(generator, latents=z[[0, 1, 1, 2]], label=[1, 0, 0, 1]),
        2,
    )
    found = sampling.directions(generator, "pca", 2)
    options = {"amount": "-2,0", "method": "pca", "output": path}
    for label in (None, "1"):
        sample.command("run", latents=file, label=label, direction=1, **options)
        amounts = (-2, 0)
        check(
            sampling.traverse(
                generator, z, found[1], amounts, label=label or labels
            ),
            2,
        )
    directions.command("run", count=2, label="0", **options)
    z = sampling.latents(1, 4)
    strips = [
        sampling.traverse(generator, z, of, amounts, label=0) for of in found
    ]
    check(np.concatenate(strips), 2)
