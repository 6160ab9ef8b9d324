"""Docstrings of public names: complete, and their examples run."""

import doctest
import importlib
import inspect
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
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
KINDS = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL


def is_record(item):
    """Whether the arguments are attributes, or nobody passes them."""
    return issubclass(item, (tuple, Exception)) or (
        "Attributes:" in (inspect.getdoc(item) or "")
        or hasattr(item, "model_fields")
    )


@pytest.mark.parametrize("name", [n for n in NAMES if callable(NAMES[n])])
def test_docstring_is_complete(name):
    item = NAMES[name]
    text = inspect.getdoc(item)
    assert text, name
    if inspect.isclass(item) and is_record(item):
        return
    arguments = [
        parameter.name
        for parameter in inspect.signature(item).parameters.values()
        if parameter.kind not in KINDS
    ]
    if issubclass(type(item), type) and issubclass(item, kerasgan.gans.GAN):
        # `GAN` itself has the others.
        if item is not kerasgan.gans.GAN:
            arguments = ["generator", "discriminator"]
    section = text.partition("Args:\n")[2].partition("\n\n")[0]
    missing = [
        argument
        for argument in arguments
        if not any(
            argument in line.partition(":")[0].replace("*", "").split(", ")
            for line in section.replace(",\n", ", ").splitlines()
            for line in [line.strip()]
        )
    ]
    assert not missing, f"{name}: {missing} not in Args"
    if inspect.isfunction(item):
        returns = inspect.signature(item).return_annotation
        assert (
            returns in (None, "None", inspect.Signature.empty)
            or "Returns:" in text
            or "Yields:" in text
            or text.startswith(("Returns", "Yields"))
            # Contexts: what is inside the block says it.
            or "inside the block" in text.splitlines()[0]
            or hasattr(item, "__wrapped__")
        ), f"{name} has no Returns"


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
