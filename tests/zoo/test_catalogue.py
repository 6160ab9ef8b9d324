import os

import pytest

from kerasgan import zoo
from kerasgan.zoo import catalogue


def test_list_is_sorted_and_filtered(add_entry, zoo_folder):
    for name in ("dcgan-wn-b", "dcgan-bn-a", "resnet21-wn-c"):
        add_entry(name)
    (zoo_folder / "dcgan-wn-b" / "generator.weights.h5").write_bytes(b"weights")
    (zoo_folder / "no-entry").mkdir()
    (zoo_folder / "README.md").write_text("not an entry either")
    assert zoo.list() == ["dcgan-bn-a", "dcgan-wn-b", "resnet21-wn-c"]
    assert zoo.list("*-wn-*") == ["dcgan-wn-b", "resnet21-wn-c"]
    assert zoo.list(pretrained=True) == ["dcgan-wn-b"]
    assert zoo.list("dcgan-*", pretrained=False) == ["dcgan-bn-a"]
    assert zoo.list("nothing*") == []


def test_the_folder_is_that_of_the_checkout():
    assert (catalogue.folder() / "dcgan-wn-celeba" / "recipe.yaml").is_file()


def test_an_unknown_name_offers_the_nearest(add_entry):
    add_entry("dcgan-wn-celeba")
    add_entry("resnet21-sn-cifar10")
    with pytest.raises(
        ValueError, match="did you mean dcgan-wn-celeba?"
    ) as caught:
        zoo.recipe("dcgan-wn-celba")
    assert "resnet21" not in str(caught.value)
    with pytest.raises(ValueError, match="no such entry") as caught:
        zoo.recipe("zzz")
    assert "mean" not in str(caught.value)


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_a_run_folder_is_an_entry(add_entry, tmp_path, kind):
    folder = add_entry("mine", folder=tmp_path / "runs")
    entry = zoo.find(kind(folder))
    assert entry.folder == folder
    assert entry.name == os.fspath(folder)
    assert not entry.shipped
    assert zoo.recipe(kind(folder)).name == "mine"


def test_a_name_comes_before_a_folder_called_the_same(
    add_entry, tmp_path, monkeypatch
):
    add_entry("dcgan-wn-dots")
    add_entry("dcgan-wn-dots", folder=tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    assert zoo.find("dcgan-wn-dots").shipped
    assert not zoo.find("./dcgan-wn-dots").shipped


def test_a_folder_without_a_recipe_is_refused(zoo_folder, tmp_path):
    with pytest.raises(ValueError, match="a folder without one"):
        zoo.find(tmp_path)
    with pytest.raises(ValueError, match="a folder without one"):
        zoo.find("")


def test_a_recipe_file_gives_its_recipe(add_entry):
    folder = add_entry("dcgan-wn-dots")
    assert zoo.recipe(folder / "recipe.yaml") == zoo.recipe("dcgan-wn-dots")
    with pytest.raises(FileNotFoundError):
        zoo.recipe(folder / "other.yaml")
