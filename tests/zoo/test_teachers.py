"""Trainings with a distillation from another generator."""

import json
import shutil

import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.zoo.lineage import licence, spent, training_section
from kerasgan.zoo.load import checksums
from kerasgan.zoo.metrics import Metrics, read_training
from kerasgan.zoo.teachers import find_teachers
from kerasgan.zoo.train import train


def pupil(recipe, teacher, *pairs):
    """A recipe of another network that learns from a teacher alone."""
    penalty = f"[{{name: distillation, teacher: '{teacher}', weight: 1}}]"
    return recipe.override_all(
        [
            ("name", "dcgan-wn-pupil"),
            ("features", 1),
            ("steps", 2),
            ("batch_size", 4),
            ("pretraining", True),
            ("penalties", penalty),
            *pairs,
        ]
    )


def test_a_pupil_of_a_run(recipe, origin, pictures, tmp_path):
    output = tmp_path / "pupil"
    train(pupil(recipe, origin), pictures, output, log_every=1)
    lines = (output / "log.jsonl").read_text().splitlines()
    penalties = [json.loads(line)["generator_penalty"] for line in lines]
    assert len(penalties) == 2 and min(penalties) > 0
    assert "generator_loss" not in lines[0]
    # The first step's, before any update.
    record = read_training(output)
    (teacher,) = record.taught_by
    assert teacher.name == "dcgan-wn-dots"
    assert teacher.training.steps == 2
    assert teacher.weights == checksums(origin)["generator.weights.h5"]
    assert spent(record)[0] == 4


def test_the_discriminator_rests_and_the_generator_learns(
    recipe, origin, pictures, tmp_path
):
    # The same network with the same weights has nothing to learn.
    same = pupil(recipe, origin, ("features", 2))
    train(same, pictures, tmp_path / "same", initial=str(origin), log_every=1)
    lines = (tmp_path / "same/log.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["generator_penalty"] < 1e-10
    for part in ("generator", "discriminator"):
        for a, b in zip(
            zoo.load(str(origin), part).get_weights(),
            zoo.load(str(tmp_path / "same"), part).get_weights(),
        ):
            np.testing.assert_allclose(a, b, atol=1e-3)


def test_it_goes_on_with_the_same_teacher_only(
    recipe, origin, pictures, tmp_path
):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    once = pupil(recipe, origin)
    train(once, pictures, whole)
    train(once.override("steps", 1), pictures, parts)
    train(once, pictures, parts, resume=True)
    for a, b in zip(
        zoo.load(str(whole)).get_weights(), zoo.load(str(parts)).get_weights()
    ):
        np.testing.assert_array_equal(a, b)
    # The teacher goes on being trained.
    first = zoo.recipe(origin)
    train(first.override("steps", 3), pictures, origin, resume=True)
    with pytest.raises(ValueError, match="goes on with the teacher that it"):
        train(once.override("steps", 3), pictures, parts, resume=True)
    # A run may go on with a later one that begins anew.
    train(once, pictures, tmp_path / "later", initial=str(parts))


def test_the_card_tells_of_the_teacher(recipe, origin, pictures, tmp_path):
    origin_recipe = origin / "recipe.yaml"
    text = origin_recipe.read_text()
    origin_recipe.write_text(text.replace("licence: MIT", "licence: GPL"))
    train(pupil(recipe, origin), pictures, tmp_path / "pupil")
    record = read_training(tmp_path / "pupil")
    metrics = Metrics(
        name="dcgan-wn-pupil",
        weights={},
        training=record,
        metrics=[],
        command="kerasgan evaluate",
    )
    ours = zoo.recipe(tmp_path / "pupil")
    section = training_section(ours, metrics)
    named = f"`dcgan-wn-dots` (generator `{record.taught_by[0].weights[:16]}`)"
    assert f"It learned from the pictures of {named}, into which 2 steps" in (
        section
    )
    assert "| pretraining | True |" in section
    assert "distillation(weight=1, interval=1, teacher=" in section
    assert "whose licence holds for these, too: GPL" in licence(ours, record)
    # Of one without there is no word.
    assert "taught_by" not in (origin / "training.json").read_text()


def test_what_cannot_teach_is_refused(recipe, origin, tmp_path):
    other = pupil(recipe, origin, ("latent_dim", 5))
    with pytest.raises(
        ValueError,
        match=r"latent_dim 5, image_shape \[8, 8, 3\]. Received: teacher=.* of "
        r"4, \[8, 8, 3\]$",
    ):
        find_teachers(other)
    with pytest.raises(ValueError, match="no-such"):
        find_teachers(pupil(recipe, "no-such"))
    (origin / "generator.weights.h5").write_bytes(b"")
    with pytest.raises(ValueError, match="generator.weights.h5"):
        find_teachers(pupil(recipe, origin))
    shutil.rmtree(origin)
    assert find_teachers(recipe) == {}
