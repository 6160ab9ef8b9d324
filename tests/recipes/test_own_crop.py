"""A crop that leaves out most of an image is told of."""

import importlib

import pytest
from PIL import Image

from kerasgan.data.image_sides import shorter_side
from kerasgan.data.sources import open_source
from kerasgan.recipes.build import prepare_images
from kerasgan.training.plan import check_batch

evaluation = importlib.import_module("kerasgan.evaluation.evaluator")


@pytest.fixture
def photos(image_folder, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for at in range(40):
        # The median is 33, that of the first ones 20.
        side = 20 if at < 18 else 33
        Image.new("RGB", (side, 50)).save(folder / f"{at:02d}.png")
    (folder / "40.png").write_text("not an image")
    return folder


@pytest.mark.filterwarnings("ignore:Skipped")
def test_a_crop_of_less_than_half_is_told_of(photos, recipe, recwarn):
    assert shorter_side(open_source(photos)) == 33
    for crop, told in (16, True), (17, False), (None, False):
        cut = recipe.override("crop", crop)

        class Subject:
            recipe = cut

        # As training, `--measure-data` and `reconstruct` prepare images, and
        # as `evaluate` does.
        one = prepare_images(cut, photos, "train")
        two = evaluation._prepare(
            Subject,
            photos,
            False,
            {"crop": crop, "resize": "area"},
            None,
            "train",
        )
        assert one.fingerprint == two.fingerprint
        said = [str(w.message) for w in recwarn if "half of" in str(w.message)]
        assert len(said) == 2 * told
        assert all(
            f"middle {crop}x{crop} pixels" in text and "(33 pixels)" in text
            for text in said
        )
        recwarn.clear()


@pytest.mark.parametrize(
    "settings, count, remedy",
    [
        ([("batch_size", 8)], 8, None),
        ([("batch_size", 9)], 8, "there are 8: --batch-size 8 or less"),
        (
            [("discriminator_steps", 3)],
            8,
            "there are 8: --batch-size 2 or less",
        ),
        ([("gradient_accumulation", 16)], 31, "--batch-size 16 or less"),
        ([("gradient_accumulation", 16)], 15, "at least 16 are needed"),
    ],
)
def test_a_batch_larger_than_all_images(settings, count, remedy, recipe):
    training = recipe.override_all(settings).training
    if remedy is None:
        return check_batch(training, count)
    with pytest.raises(ValueError, match=remedy):
        check_batch(training, count)
