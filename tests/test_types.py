"""Public functions and constructors say what they take and return."""

import importlib

import pytest
from annotations import unannotated

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
