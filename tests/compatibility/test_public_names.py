"""Names that users import stay; a renamed one keeps its old path, too."""

import importlib
from pathlib import Path

import pytest

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
