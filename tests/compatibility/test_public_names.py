"""Names that users import stay; a renamed one keeps its old path, too."""

import importlib
from pathlib import Path

import pytest

from kerasgan.utils.moved import MOVED

NAMES = (Path(__file__).parent / "public_names.txt").read_text().split()


@pytest.mark.parametrize(
    "package", sorted({n.rpartition(".")[0] for n in NAMES})
)
def test_every_public_name_is_there(package):
    module = importlib.import_module(package)
    of_it = {
        n.rpartition(".")[2] for n in NAMES if n.rpartition(".")[0] == package
    }
    assert of_it - set(dir(module)) == set()


def test_old_names_last_for_a_release():
    from kerasgan import zoo

    with pytest.warns(DeprecationWarning, match="is prepare_images now"):
        assert zoo.prepare_pictures is zoo.prepare_images


# Nothing is in `zoo.settings` itself.
@pytest.mark.parametrize("old", sorted(MOVED.keys() - {"zoo.settings"}))
def test_old_paths_of_modules_last_for_a_release(old):
    module = importlib.import_module(f"kerasgan.{old}")
    new = importlib.import_module(f"kerasgan.{MOVED[old]}")
    name = next(n for n in vars(new) if n[0] != "_" and callable(vars(new)[n]))
    with pytest.warns(DeprecationWarning, match=f"kerasgan.{MOVED[old]} now"):
        assert getattr(module, name) is vars(new)[name]
