"""Weights of entries, which are stored in float16."""

import h5py
import keras
import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.callbacks.network_files import write_networks
from kerasgan.recipes.build import build_networks

NAME = "dcgan-bn-dots"


@pytest.fixture(params=[None, ["sea", "sky"]], ids=["plain", "conditional"])
def networks(request, recipe, zoo_folder, tmp_path):
    """Those of a run, whose entry has no weights yet."""
    recipe = recipe.override_all(
        [("architecture.normalization", "batch"), ("name", NAME)]
    ).override("data.classes", request.param)
    # Not every network has a sign that rounding moves.
    keras.utils.set_random_seed(0)
    networks = build_networks(recipe)
    for folder in (tmp_path / "run", zoo_folder / NAME):
        folder.mkdir()
        recipe.save(folder / "recipe.yaml")
    (tmp_path / "run" / "training.json").write_text("{}")
    return networks


def arrays(path):
    """Those of a file that are not vectors, and its vectors."""
    found = [], []
    with h5py.File(path) as file:
        file.visititems(
            lambda _, item: (
                found[item.ndim < 2].append(item[()])
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return found


def test_a_run_is_shipped_in_float16(networks, zoo_folder, tmp_path):
    weights = {w.name: w for w in networks[0].weights}
    # Float16 does not hold either; the variance undoes it.
    kernel = networks[0].weights[0]
    kernel.assign(kernel * 1e7)
    weights["moving_variance"].assign(weights["moving_variance"] * 1e14)
    write_networks(*networks, tmp_path / "run")
    zoo.ship(tmp_path / "run", NAME)
    entry = zoo_folder / NAME
    assert (entry / "training.json").read_text() == "{}"
    for part, network in zip(("generator", "discriminator"), networks):
        shipped = zoo.load(NAME, part)
        matrices, vectors = arrays(entry / f"{part}.weights.h5")
        wide = [m for m in matrices if m.dtype == np.float32]
        assert {m.dtype.name for m in matrices} >= {"float16"}
        assert len(wide) == (part == "generator")
        assert {v.dtype.name for v in vectors} == {"float32"}
        assert {w.dtype for w in shipped.weights} == {"float32"}
        expected = [
            w.astype(np.float16) if w.ndim > 1 and abs(w).max() < 7e4 else w
            for w in network.get_weights()
        ]
        for found, value in zip(shipped.get_weights(), expected):
            np.testing.assert_array_equal(found, value.astype(np.float32))
        # Keras itself reads the file.
        network.load_weights(entry / f"{part}.weights.h5")
        for found, value in zip(network.get_weights(), expected):
            np.testing.assert_array_equal(found, value.astype(np.float32))
    files = {path: path.read_bytes() for path in entry.iterdir()}
    zoo.ship(NAME, NAME)
    assert {path: path.read_bytes() for path in entry.iterdir()} == files


def test_what_rounding_would_move_stays_float32(networks, zoo_folder, tmp_path):
    generator = networks[0]
    # Black and white images: where the sign is open, rounding chooses it.
    kernel = generator.weights[-2]
    kernel.assign(kernel * 1e4)
    write_networks(*networks, tmp_path / "run")
    message = f"the generator of {NAME} stays float32: .* grey levels"
    with pytest.warns(UserWarning, match=message):
        zoo.ship(tmp_path / "run", NAME)
    entry, run = zoo_folder / NAME, tmp_path / "run"
    file = "generator.weights.h5"
    assert (entry / file).read_bytes() == (run / file).read_bytes()
    matrices, _ = arrays(entry / "discriminator.weights.h5")
    assert {m.dtype.name for m in matrices} == {"float16"}
    zoo.check_weights(NAME, "both")


def test_only_an_entry_is_shipped(add_entry, tmp_path):
    run = add_entry("run", weights=True, folder=tmp_path)
    with pytest.raises(ValueError, match="Expected an entry of the zoo"):
        zoo.ship(run, run)
