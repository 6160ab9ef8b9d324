"""The command that installs what a feature needs, on every installation."""

import importlib.metadata

import pytest

from kerasgan.utils.extras import check_installed, require

REQUIREMENTS = [
    "keras>=3.14",
    'one_missing>=2; extra == "some"',
    'another>=1; python_version < "4" and extra == "some"',
    'third; extra == "something"',
]


def message(call):
    with pytest.raises(ValueError) as caught:
        call("one_missing", "some", "it")
    return str(caught.value)


@pytest.mark.parametrize("call", [require, check_installed])
def test_all_packages_of_the_extra_are_named(monkeypatch, call):
    monkeypatch.setattr(importlib.metadata, "requires", lambda _: REQUIREMENTS)
    assert message(call) == (
        "it needs the package one_missing: "
        "pip install 'one_missing>=2' 'another>=1'"
    )


@pytest.mark.parametrize("call", [require, check_installed])
def test_the_package_is_named_in_a_tree_that_is_not_installed(
    monkeypatch, call
):
    def requires(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    assert message(call) == (
        "it needs the package one_missing: pip install 'one_missing'"
    )
