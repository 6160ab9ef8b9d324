"""Docstrings of public names: complete, and their examples run.

Each argument is in Args and what is returned in Returns. Arrays have a shape,
images and latents a range, too, and numbers a range or a unit. So have the
methods and properties of public classes, but for those that Keras defines.
"""

import doctest
import importlib
import inspect
import sys
import typing
from pathlib import Path

import keras
import numpy as np
import pytest
from docstring_rules import lacks, lacks_of_name
from docstrings import Docstring, members
from PIL import Image

import kerasgan

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
python_reference = importlib.import_module("extension.python_reference")
NAMES = {
    f"{package}.{name}": item
    for package in python_reference.PACKAGES
    for name, item in python_reference.members(package).items()
}
NAMES |= {
    f"kerasgan.{name}": item
    for name, item in python_reference.functions().items()
}
EXAMPLES = {
    name: item
    for name, item in NAMES.items()
    if callable(item)
    and ">>>" in (inspect.getdoc(item) or "")
    # `kerasgan.sample` is `kerasgan.sampling.sample`.
    and (name.count(".") > 1 or name == "kerasgan.grid")
}
# The methods and properties that public classes define: (class, name).
MEMBERS = {
    f"{name}.{member}": (item, member)
    for name, item in NAMES.items()
    if inspect.isclass(item)
    for member in members(item)
}


@pytest.mark.parametrize("name", [n for n in NAMES if callable(NAMES[n])])
def test_docstring_is_complete(name):
    assert lacks_of_name(NAMES[name]) == []


def test_every_name_is_in_the_reference():
    pages = python_reference.pages()
    for name, item in NAMES.items():
        page = name.rpartition(".")
        if callable(item):
            assert f":: {name}\n" in pages[f"reference/{page[0]}/{page[2]}.rst"]
            assert f"{page[0]}/{page[2]}\n" in pages[f"reference/{page[0]}.rst"]
        else:
            assert f".. data:: {name}\n" in pages[f"reference/{page[0]}.rst"]


@pytest.mark.parametrize("name", MEMBERS)
def test_docstring_of_a_member_is_complete(name):
    assert lacks(Docstring.of_member(*MEMBERS[name])) == []


def test_what_is_left_out_is_noticed():
    """The rules, on docstrings that leave out one thing each."""

    def draw(images: np.ndarray, latents: typing.Any, count: int) -> np.ndarray:
        """Draws.

        Args:
            images: uint8 `[N, height, width, channels]`.
            latents: finite floats `[N, latent_dim]`.
            count: how many, at least 1.

        Returns:
            float32 array `[N, H, W, C]` in [-1, 1].
        """

    # From 3.13 on Python itself leaves out the indentation.
    text = draw.__doc__ = inspect.cleandoc(draw.__doc__)
    assert lacks(Docstring(draw)) == []
    for part, problem in (
        ("uint8 ", "images has no range of images"),
        (" `[N, height, width, channels]`", "images has no shape"),
        (" `[N, latent_dim]`", "latents has no shape"),
        ("finite ", "latents does not say"),
        (", at least 1", "count has no range"),
        (" `[N, H, W, C]`", "Returns has no shape"),
        (" in [-1, 1]", "Returns has no range of images"),
        ("    count: how many, at least 1.\n", "count: not in Args"),
    ):
        assert text.count(part) == 1
        draw.__doc__ = text.replace(part, "")
        (line,) = lacks(Docstring(draw))
        assert line.startswith(problem)
    draw.__doc__ = text.partition("Returns")[0]
    assert lacks(Docstring(draw)) == ["no Returns"]


def test_the_most_used_names_have_examples():
    assert len(EXAMPLES) >= 20, sorted(EXAMPLES)


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """A working folder with the images that the examples name."""
    (tmp_path / "photos").mkdir()
    for index in range(8):
        noise = np.random.default_rng(index).integers(
            0, 256, (64, 64, 3), "uint8"
        )
        Image.fromarray(noise).save(tmp_path / "photos" / f"{index}.png")
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, photos):
    finder = doctest.DocTestFinder(recurse=False)
    scope = {"kerasgan": kerasgan, "keras": keras, "np": np}
    runner = doctest.DocTestRunner(verbose=False)
    (test,) = finder.find(NAMES[name], name, globs=scope)
    messages = []
    runner.run(test, out=messages.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(messages)
