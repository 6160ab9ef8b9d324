"""Public functions and constructors say what they take and return."""

import dataclasses
import importlib
import inspect

import pytest

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


def signatures(value):
    """The functions behind a public name, with what they are called."""
    if inspect.isfunction(value):
        yield value.__name__, value
    elif inspect.isclass(value) and not dataclasses.is_dataclass(value):
        for name, member in vars(value).items():
            member = inspect.unwrap(getattr(member, "__func__", member))
            member = getattr(member, "fget", None) or member
            public = name == "__init__" or not name.startswith("_")
            # One is Keras's own, taken from another class.
            ours = getattr(member, "__module__", "").startswith("kerasgan")
            if inspect.isfunction(member) and public and ours:
                yield f"{value.__name__}.{name}", member


def missing(function):
    """Parameters without an annotation, and "return"."""
    signature = inspect.signature(function)
    names = [
        name
        for i, (name, parameter) in enumerate(signature.parameters.items())
        if parameter.annotation is inspect.Parameter.empty
        and not (i == 0 and name in ("self", "cls"))
    ]
    if signature.return_annotation is inspect.Signature.empty:
        names.append("return")
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_annotated(package):
    module = importlib.import_module(package)
    found = {
        name: missing(function)
        for public in module.__all__
        for name, function in signatures(getattr(module, public))
    }
    assert {name: names for name, names in found.items() if names} == {}
