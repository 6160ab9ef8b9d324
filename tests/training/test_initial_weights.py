"""Trainings that begin with the weights of others."""

import importlib
import json
import warnings

import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.training.initial_weights import parent_of
from kerasgan.training.trainer import train
from kerasgan.utils.files import sha256

pytestmark = pytest.mark.integration


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
    assert began == {
        "name": "dcgan-wn-dots",
        "weights": sha256(origin / "generator.weights.h5"),
        "steps": 2,
        "licence": "MIT",
        "fingerprints": [record["data"]["fingerprint"]],
    }
    # The same again is no contradiction, other weights are.
    again = later.override("steps", 3)
    train(again, pictures, output, resume=True, initial=str(origin))
    with pytest.raises(
        ValueError, match="started from the weights of dcgan-wn"
    ):
        train(again, pictures, output, resume=True, initial=str(output))
    first = zoo.recipe(origin)
    with pytest.raises(ValueError, match="started from fresh ones"):
        train(first, pictures, origin, resume=True, initial=str(output))


def test_what_the_first_training_saw_is_not_held_out(recipe, origin, pictures):
    held = recipe.override("hold_out", 0.2)
    with pytest.warns(
        UserWarning, match="on images of pictures that are held out"
    ):
        parent_of(zoo.catalogue.resolve(origin), held, pictures)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parent_of(zoo.catalogue.resolve(origin), recipe, pictures)
        parent_of(zoo.catalogue.resolve(origin), held, "others")
        less = zoo.recipe(origin).override("hold_out", 0.2)
        (origin / "recipe.yaml").write_text(less.to_yaml())
        parent_of(zoo.catalogue.resolve(origin), held, pictures)


def test_the_steps_of_all_trainings_add_up(recipe, origin, pictures, tmp_path):
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, pictures, tmp_path / "second", initial=str(origin))
    parent = parent_of(
        zoo.catalogue.resolve(tmp_path / "second"), recipe, pictures
    )
    assert parent.steps == 3
    assert len(parent.fingerprints) == 1


def test_a_run_without_a_checkpoint_is_not_begun_afresh(
    recipe, origin, pictures, tmp_path
):
    output = tmp_path / "later"
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, pictures, output, initial=str(origin))
    (output / "checkpoint.weights.h5").unlink()
    with pytest.raises(ValueError, match="repeat --from"):
        train(later, pictures, output, resume=True)


def test_other_networks_are_refused(recipe, origin, pictures, tmp_path):
    other = recipe.override("features", 3)
    with pytest.raises(ValueError, match="features is 2 there and 3 here"):
        train(other, pictures, tmp_path / "later", initial=str(origin))
    assert not (tmp_path / "later").exists()


def test_each_file_of_weights_is_hashed_once(
    recipe, origin, pictures, tmp_path, monkeypatch
):
    load = importlib.import_module("kerasgan.zoo.pretrained")
    hashed = []

    def counted(path):
        hashed.append(path.name)
        return sha256(path)

    monkeypatch.setattr(load, "sha256", counted)
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, pictures, tmp_path / "later", initial=str(origin))
    assert sorted(hashed) == sorted(zoo.catalogue.WEIGHTS.values())
