"""What holds for every entry that is shipped."""

import re

import pytest

from kerasgan import zoo
from kerasgan.recipes import recipe as recipe_module
from kerasgan.utils.files import sha256, sha256_of
from kerasgan.zoo.catalogue import CHECKSUMS, METRICS
from kerasgan.zoo.pretrained import checksums

# Source of the recipe -> that of the weights, and its images' fingerprint.
TRAINING_IMAGES = {
    "tfds:celeb_a": ("celeba-12k.zip", "6b786b8cca0bf4fb"),
    "tfds:cifar10": ("cifar10-52k.zip", "8f54b2a934f9b91d"),
}


@pytest.fixture(params=zoo.list())
def entry(request):
    return zoo.find(request.param)


def test_the_recipe_is_valid_and_named_like_its_folder(entry):
    assert entry.recipe().name == entry.folder.name
    # What users may leave open must be said of what is shipped.
    assert "not stated" not in entry.recipe().to_yaml()


def test_the_files_carry_their_checksums(entry):
    """Append the comment with `sha256sum < recipe.yaml` after a change."""
    text = (entry.folder / "recipe.yaml").read_bytes()
    body, comment, digest = text.rpartition(recipe_module._SUM)
    assert comment and digest.decode().strip() == sha256_of(body)
    metrics = entry.folder / METRICS
    assert not metrics.exists() or '"sha256": "' in metrics.read_text()


def test_the_card_is_made_from_recipe_and_metrics(entry):
    metrics = zoo.read_metrics(entry)
    assert zoo.card(entry) == zoo.render_card(entry.recipe(), metrics)


def test_the_weights_are_those_of_one_run_of_the_recipe(entry):
    if not entry.pretrained:
        return
    recipe, record = entry.recipe(), zoo.read_metrics(entry).training
    assert record.began_from is None
    chosen = record.selection
    steps = chosen.last_steps if chosen else record.steps
    assert steps == recipe.training.steps
    assert record.batch_size == recipe.training.batch_size
    assert record.data.split == recipe.data.split
    source, fingerprint = TRAINING_IMAGES[recipe.data.source]
    assert record.data.source == source
    assert record.data.fingerprint == fingerprint
    assert record.recipe_sha256 == recipe.digest


def test_the_licence_of_the_weights_names_its_data_set(entry):
    text = (zoo.catalogue.folder() / "LICENSE-WEIGHTS").read_text("utf-8")
    sets = re.findall(r"^Entries of .*names with -(\S+)\)$", text, re.MULTILINE)
    name = entry.recipe().name
    assert len([part for part in sets if f"-{part}" in name]) == 1


def test_the_page_of_all_entries_is_made_from_them():
    page = zoo.catalogue.folder() / "README.md"
    assert page.read_text(encoding="utf-8") == zoo.render_overview()


def test_the_page_has_what_real_images_get():
    page = zoo.render_overview()
    assert page.count("\n| real images | `tfds:celeb_a`, 64x64 |") == 1


def test_the_page_names_losses_as_recipes_do(recipe, add_entry):
    folder = add_entry("dcgan-wn-dots")
    named = recipe.override("training.loss", "relativistic_pairing")
    (folder / "recipe.yaml").write_text(named.to_yaml())
    assert "| `relativistic_pairing` | 10 |" in zoo.render_overview()


def test_the_page_leaves_out_weights_that_were_not_measured(add_entry):
    add_entry("dcgan-wn-dots", weights=True)
    add_entry("dcgan-bn-dots")
    page = zoo.render_overview()
    assert "dcgan-wn-dots" not in page
    assert "| [dcgan-bn-dots](dcgan-bn-dots/README.md) | `tfds:dots`" in page


def test_weights_come_with_checksums_metrics_and_samples(entry):
    if not entry.pretrained:
        assert not (entry.folder / METRICS).exists()
        return
    files = sorted(path.name for path in entry.folder.glob("*.weights.h5"))
    digests = {name: sha256(entry.folder / name) for name in files}
    assert (entry.folder / CHECKSUMS).is_file()
    assert checksums(entry.folder) == digests
    metrics = zoo.read_metrics(entry)
    assert metrics.name == entry.name
    assert (
        metrics.weights["generator.weights.h5"]
        == digests["generator.weights.h5"]
    )
    assert (entry.folder / "samples.png").is_file()
