"""Conditional trainings: their classes in recipes, plans and runs."""

import shutil

import pytest

from kerasgan import architectures, zoo
from kerasgan.recipes.build import build_networks, prepare_images
from kerasgan.training.adaptation import adapt
from kerasgan.training.initial_weights import parent_of
from kerasgan.training.plan import Plan, check
from kerasgan.training.run_directory import Run, begin
from kerasgan.training.trainer import _prepare


@pytest.fixture
def source(image_folder):
    """Four images each of two classes."""
    for i, path in enumerate(sorted(image_folder.iterdir())):
        folder = image_folder / ["sea", "sky"][i % 2]
        folder.mkdir(exist_ok=True)
        path.rename(folder / path.name)
    return image_folder


@pytest.fixture
def plan(recipe, source, tmp_path):
    small = recipe.override_all([("batch_size", 4), ("source", str(source))])

    def plan(recipe=small, data=source, output=tmp_path / "run", **options):
        return check(Plan(recipe, data, Run(output), **options))

    return plan


def test_a_training_gets_the_classes_of_its_images(plan, source):
    assert plan().recipe.data.classes is None
    assert _prepare(plan())[1].labels is None
    conditional = plan(labels=True)
    ours = conditional.recipe
    assert ours.data.classes == ["sea", "sky"]
    assert ours.digest != plan().recipe.digest
    assert zoo.Recipe.from_yaml(ours.to_yaml()) == ours
    # Those of the recipe are kept, and their order.
    labelled = conditional.data.labelled
    prepared, batches = _prepare(conditional)
    # It is not worked out again.
    assert conditional.data.labelled is labelled is not None
    assert prepared.labels.tolist() == [0] * 4 + [1] * 4
    assert sorted(
        batches.batch(0)[1].tolist() + batches.batch(1)[1].tolist()
    ) == (prepared.labels.tolist())
    turned = ours.override("classes", ["sky", "sea"])
    labels = prepare_images(turned, source, "train", own=True).labels
    assert labels.tolist() == [1] * 4 + [0] * 4


def test_a_resumed_run_keeps_its_classes(plan, source):
    first = plan(labels=True)
    begin(first.output, first.recipe, _prepare(first)[0])
    for options in ({}, {"labels": True}, {"recipe": first.recipe}):
        assert plan(resume=True, **options).recipe == first.recipe
    (source / "sea").rename(source / "lake")
    for options in ({}, {"labels": True}):
        with pytest.raises(
            ValueError, match="sea, sky, but .* lake, sky: a new"
        ):
            plan(resume=True, **options)
    shutil.rmtree(source / "lake")
    with pytest.raises(ValueError, match="but there is only sky. Received"):
        plan(output=source / "other", labels=True)


def test_images_without_the_classes_of_a_recipe(plan, source, tmp_path):
    ours = plan(labels=True).recipe
    flat = tmp_path / "flat"
    shutil.copytree(source / "sea", flat)
    with pytest.warns(UserWarning, match="4 of 4 .*without labels"):
        assert prepare_images(ours, flat, None).labels is None
    with pytest.raises(ValueError, match="in none"):
        prepare_images(ours, flat, None, own=True)


@pytest.mark.parametrize(
    "value, problem",
    [
        (["sea"], "expected 2 or more items"),
        (["sea", "sea"], "expected different names of classes"),
        (["sea", ""], "expected a text of 1 or more"),
        ("sea", "expected a list"),
    ],
)
def test_wrong_classes_in_a_recipe(recipe, value, problem):
    with pytest.raises(ValueError, match=f"data.classes.*: .*{problem}"):
        recipe.override("data.classes", value)


def test_names_of_classes_are_kept_as_they_are(recipe):
    names = [" 01", "no", "été"]
    changed = zoo.Recipe.from_yaml(
        recipe.override("data.classes", names).to_yaml()
    )
    assert changed.data.classes == names


def test_networks_get_the_classes(recipe, monkeypatch):
    calls = []

    def dcgan(**arguments):
        calls.append(arguments)
        return "generator", "discriminator"

    monkeypatch.setattr(architectures, "dcgan", dcgan)
    build_networks(recipe)
    assert "num_classes" not in calls[0]
    own = {"kind": "dcgan", "features": 2}
    pairs = [("data.classes", ["a", "b"]), ("architecture.discriminator", own)]
    build_networks(recipe.override_all(pairs))
    for arguments in calls[1:]:
        assert arguments["num_classes"] == 2
        assert arguments["class_names"] == ["a", "b"]
    assert len(calls) == 3


def test_weights_of_another_number_of_classes(recipe, add_entry):
    entry = add_entry("dcgan-wn-dots", weights=False)
    ours = recipe.override("data.classes", ["a", "b"])
    with pytest.raises(
        ValueError, match="num_classes is None there and 2 here"
    ):
        parent_of(zoo.catalogue.resolve(entry), ours, "photos")


def test_what_a_conditional_training_is_called(source, tmp_path):
    name = "dcgan-wn-celeba"

    def adapted(resume=False, labels=True, settings=(), **options):
        base = zoo.catalogue.resolve(name)
        return adapt(base, options, settings, None, resume, labels)

    own = adapted(data="tfds:celeb_a")
    assert own.recipe.name == f"{name}-conditional"
    assert own.labels and own.recipe.data.crop == 160
    assert own.run.folder.name == own.recipe.name
    other = adapted(data=str(source))
    assert other.recipe.name == "dcgan-wn-images-conditional"
    assert not adapted(labels=False, data=str(source)).labels


@pytest.mark.parametrize(
    "size, expected, shape",
    [
        ("32", 32, (32, 32, 3)),
        ("32x32x3", 32, (32, 32, 3)),
        ("48x32", (48, 32), (48, 32, 3)),
        ("28x28x1", (28, 28, 1), (28, 28, 1)),
        ([28, 28, 1], (28, 28, 1), (28, 28, 1)),
    ],
)
def test_sizes_of_images(recipe, size, expected, shape):
    keys = [("data.image_size", size), ("image_shape", list(shape))]
    changed = recipe.override_all(keys)
    assert changed.data.image_size == expected
    assert zoo.Recipe.from_yaml(changed.to_yaml()) == changed
    # The networks follow, and one notation has one digest.
    base = zoo.catalogue.resolve("dcgan-wn-celeba")
    plan = adapt(base, {"image-size": size})
    assert plan.recipe.architecture.image_shape == shape
    as_text = recipe.override_all([("image_size", expected), *keys[1:]])
    assert changed.digest == as_text.digest
