"""Trainings that begin with the weights of others."""

import json

import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.zoo.origin import find_origin
from kerasgan.zoo.train import train


def weights(name, part="generator"):
    return zoo.load(name, part).get_weights()


def test_it_begins_with_the_weights(recipe, origin, pictures, tmp_path):
    # A step at a rate of almost nothing leaves them as they were.
    later = recipe.override_all(
        [
            ("steps", 1),
            ("batch_size", 4),
            ("generator_optimizer.learning_rate", 1e-12),
            ("discriminator_optimizer.learning_rate", 1e-12),
            ("seed", 7),
        ]
    )
    train(later, pictures, tmp_path / "fresh")
    train(later, pictures, tmp_path / "later", initial=str(origin))
    for part in ("generator", "discriminator"):
        for old, new in zip(
            weights(origin, part), weights(tmp_path / "later", part)
        ):
            np.testing.assert_allclose(new, old, rtol=0, atol=1e-6)
        fresh = weights(tmp_path / "fresh", part)
        assert any(
            np.abs(a - b).max() > 1e-3
            for a, b in zip(fresh, weights(origin, part))
        )


def test_it_is_written_down_and_stays_so(recipe, origin, pictures, tmp_path):
    output = tmp_path / "later"
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, pictures, output, initial=str(origin))
    train(later.override("steps", 2), pictures, output, resume=True)
    record = json.loads((output / "training.json").read_text())
    assert record["steps"] == 2
    began = record["began_from"]
    assert began["name"] == "dcgan-wn-dots"
    assert began["training"]["steps"] == 2
    assert began["recipe"]["training"]["batch_size"] == 4
    expected = find_origin(str(origin), recipe).weights
    assert began["weights"] == expected
    # The same again is no contradiction, other weights are.
    again = later.override("steps", 3)
    train(again, pictures, output, resume=True, initial=str(origin))
    with pytest.raises(ValueError, match="began with the weights of dcgan-wn"):
        train(again, pictures, output, resume=True, initial=str(output))
    first = zoo.recipe(origin)
    with pytest.raises(ValueError, match="began with fresh ones"):
        train(first, pictures, origin, resume=True, initial=str(output))


def test_the_recipe_of_the_training_itself(recipe, origin):
    """It goes on in the place that an origin has for it, with the licences."""
    from kerasgan.zoo.metrics import read_training

    own = recipe.override_all([("loss", "hinge"), ("flip", "false")])
    own = own.model_dump(mode="json")
    own["licence"] = own["data"]["licence"] = "not stated"
    record = read_training(origin).model_copy(update={"recipe": own})
    (origin / "training.json").write_text(record.to_json())
    found = find_origin(origin, recipe)
    assert found.recipe["training"] == own["training"]
    assert found.recipe["data"]["flip"] is False
    assert found.recipe["licence"] == recipe.licence
    assert found.recipe["data"]["licence"] == recipe.data.licence
    assert found.training.recipe is None
    assert found.training.steps == record.steps


def test_it_does_not_say_where_pictures_lay(recipe, origin, pictures):
    file = origin / "recipe.yaml"
    before = zoo.find(str(origin)).recipe().data.source
    text = file.read_text()
    assert f"source: {before}" in text
    file.write_text(text.replace(f"source: {before}", f"source: {pictures}"))
    assert find_origin(str(origin), recipe).recipe["data"]["source"] == "pictures"


def test_a_run_without_a_checkpoint_is_not_begun_afresh(
    recipe, origin, pictures, tmp_path
):
    output = tmp_path / "later"
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, pictures, output, initial=str(origin))
    (output / "checkpoint.weights.h5").unlink()
    with pytest.raises(ValueError, match="name them again by --from"):
        train(later, pictures, output, resume=True)


def test_other_networks_are_refused(recipe, origin, pictures, tmp_path):
    other = recipe.override("features", 3)
    with pytest.raises(ValueError, match="features is 2 there and 3 here"):
        train(other, pictures, tmp_path / "later", initial=str(origin))
    assert not (tmp_path / "later").exists()
