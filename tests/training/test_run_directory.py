"""Which folders a training may use."""

import json

import pytest

from kerasgan.recipes.recipe import differences
from kerasgan.training.run_directory import (
    CHECKPOINT,
    LOG,
    PICTURES,
    Run,
    begin,
    check_images,
    check_run,
    nothing_to_do,
)


@pytest.fixture
def prepared():
    def make(fingerprint, count=3):
        class Prepared:
            skipped = ["bad.png"]
            remarks = ["Skipped 1 of 4 images of p: bad.png (not an image)"]

            def __len__(self):
                return count

        Prepared.fingerprint = fingerprint
        return Prepared()

    return make


def test_a_run_says_what_it_is(recipe, prepared, tmp_path):
    begin(tmp_path / "run", recipe, prepared("a" * 64))
    content = json.loads((tmp_path / "run" / PICTURES).read_text())
    assert len(content.pop("sha256")) == 64
    assert content == {
        "count": 3,
        "fingerprint": "a" * 64,
        "skipped": ["bad.png"],
        "remarks": ["Skipped 1 of 4 images of p: bad.png (not an image)"],
    }
    check_run(Run(tmp_path / "run"), recipe, resume=True)


def test_other_images_are_refused(recipe, prepared, tmp_path):
    begin(tmp_path, recipe, prepared("a" * 64))
    check_images(tmp_path, prepared("a" * 64))
    with pytest.raises(ValueError, match="other images: 3 .*Received: 2 "):
        check_images(tmp_path, prepared("b" * 64, count=2))


def test_a_run_of_an_earlier_version_has_no_fingerprint(prepared, tmp_path):
    check_images(tmp_path, prepared("a" * 64))


def test_what_differs_is_named(recipe, prepared, tmp_path):
    begin(tmp_path, recipe, prepared("a" * 64))
    other = recipe.override_all([("batch_size", 16), ("steps", 99)])
    with pytest.raises(
        ValueError, match="training.batch_size is 32 there and 16 here$"
    ):
        check_run(Run(tmp_path), other, resume=True)


def test_steps_and_the_place_of_the_images_may_change(
    recipe, prepared, tmp_path
):
    begin(tmp_path, recipe, prepared("a" * 64))
    moved = recipe.override_all([("steps", 99), ("source", "elsewhere")])
    check_run(Run(tmp_path), moved, resume=True)
    with pytest.raises(FileExistsError, match="--resume"):
        check_run(Run(tmp_path), moved, resume=False)


def test_differences_of_optimizers(recipe):
    other = recipe.override("discriminator_optimizer.name", "adam")
    keys = {key for key, _, _ in differences(recipe, other)}
    assert "training.discriminator_optimizer.name" in keys
    assert "training.discriminator_optimizer.beta_1" in keys
    assert not differences(recipe, recipe)


def test_whether_there_is_something_to_do(metrics, tmp_path):
    def done(steps):
        return nothing_to_do(Run(tmp_path), steps)

    assert done(1) is None
    record = metrics.training.model_copy(update={"steps": 10})
    (tmp_path / "training.json").write_text(record.to_json())
    assert done(1) is None
    (tmp_path / CHECKPOINT).write_text("")
    (tmp_path / LOG).write_text('{"step": 10}\n')
    assert [done(n) for n in (9, 10, 11)] == [10, 10, None]
    # Killed after it was resumed: what it has is not what its record says.
    (tmp_path / LOG).write_text('{"step": 10}\n{"step": 12}\n')
    assert done(10) is None
