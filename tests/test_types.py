"""Public functions and constructors say what they take and return."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from annotations import unannotated

import kerasgan

PACKAGES = (
    "kerasgan",
    *(
        f"kerasgan.{name}"
        for name in (
            "architectures",
            "callbacks",
            "data",
            "gans",
            "gans.augmentation",
            "gans.autodiff",
            "gans.penalties",
            "layers",
            "metrics",
            "optimizers",
            "serving",
            "sampling",
            "serving.client",
            "zoo",
        )
    ),
)


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_annotated(package):
    module = importlib.import_module(package)
    found = [unannotated(getattr(module, name)) for name in module.__all__]
    assert [names for names in found if names] == []


def declared(module):
    """What a type checker sees in a package: name -> its module, or None."""
    found = {}
    statements = [*ast.parse(inspect.getsource(module)).body]
    for node in statements:
        match node:
            case ast.If() if ast.unparse(node.test) != "not TYPE_CHECKING":
                statements += node.body
            case ast.FunctionDef():
                found[node.name] = None
            case ast.ImportFrom():
                found |= {
                    alias.asname or alias.name: node.module
                    for alias in node.names
                }
            case ast.AnnAssign():
                found[node.target.id] = None
            case ast.Assign():
                found |= dict.fromkeys(name.id for name in node.targets)
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_type_checkers_see_names_that_are_imported_on_demand(package):
    module = importlib.import_module(package)
    found = declared(module)
    assert {*module.__all__} <= {*found}
    for name in module.__all__:
        if found[name] in (None, "kerasgan"):
            continue
        source = importlib.import_module(found[name])
        assert getattr(module, name) in vars(source).values(), name


MISTAKES = """\
import kerasgan
from kerasgan.architectures import dcgan
from kerasgan.gans import R1, HingeGAN

networks = dcgan((64, 64, 3), features=32)
gan = HingeGAN(*networks, penalties=[R1(interval=16)])
images = kerasgan.sample(networks[0], 16, seed=1)
kerasgan.sampel(networks[0])  # wrong
kerasgan.gans.HingGAN  # wrong
R1(wait=1.0)  # wrong
kerasgan.sample(networks[0], "sixteen")  # wrong
"""


def test_mypy_finds_the_mistakes_of_a_user(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "user.py").write_text(MISTAKES)
    top = Path(kerasgan.__file__).parents[1]
    options = ("--config-file", top / "pyproject.toml", "--cache-dir", "cache")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "user.py"],
        cwd=tmp_path,
        env={"MYPYPATH": str(top)},
        capture_output=True,
        text=True,
    )
    found = re.findall(r"^user.py:(\d+): error", done.stdout, re.MULTILINE)
    lines = MISTAKES.splitlines()
    wrong = [i for i, line in enumerate(lines, 1) if "# wrong" in line]
    assert [*map(int, found)] == wrong, done.stdout
