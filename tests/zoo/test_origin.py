"""Trainings that begin with the weights of others."""

import json
import warnings

import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.zoo.average import average
from kerasgan.zoo.origin import find_origin
from kerasgan.zoo.train import train
from kerasgan.zoo.training_images import warn_of_seen


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


def test_what_the_first_training_saw_is_not_held_out(recipe, origin, pictures):
    begun = find_origin(str(origin), recipe)
    held = recipe.override("hold_out", 0.2)
    with pytest.warns(
        UserWarning, match="on images of pictures that are held out"
    ):
        warn_of_seen(held, pictures, [begun])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_seen(recipe, pictures, [begun])
        warn_of_seen(held, "others", [begun])
        less = {
            **begun.recipe,
            "data": {**begun.recipe["data"], "hold_out": 0.2},
        }
        warn_of_seen(
            held, pictures, [begun.model_copy(update={"recipe": less})]
        )


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
    assert (
        find_origin(str(origin), recipe).recipe["data"]["source"] == "pictures"
    )


def test_a_run_without_a_checkpoint_is_not_begun_afresh(
    recipe, origin, pictures, tmp_path
):
    output = tmp_path / "later"
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, pictures, output, initial=str(origin))
    (output / "checkpoint.weights.h5").unlink()
    with pytest.raises(ValueError, match="name them again by --from"):
        train(later, pictures, output, resume=True)


def deepened(recipe, **others):
    """A recipe of the residual networks that those of `recipe` deepen to."""
    pairs = {"kind": "resnet", "features": [2], "blocks": [2], **others}
    return recipe.override_all(list(pairs.items()))


def test_a_resnet_begins_with_the_function_of_a_dcgan(
    recipe, origin, pictures, tmp_path
):
    later = deepened(
        recipe,
        steps=1,
        batch_size=4,
        seed=7,
        **{
            "generator_optimizer.learning_rate": 1e-12,
            "discriminator_optimizer.learning_rate": 1e-12,
        },
    )
    beside = later.override_all(
        [("name", "other"), ("discriminator", "{kind: dcgan, features: 2}")]
    )
    latents = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    generator, discriminator = zoo.load(origin, "both")
    images = generator.predict(latents, verbose=0)
    logits = discriminator.predict(images, verbose=0)
    for changed, layer in (
        (later, "level_0_block_1_join"),
        (beside, "level_0_convolution"),
    ):
        run = tmp_path / changed.name
        train(changed, pictures, run, initial=str(origin))
        ours, critic = zoo.load(run, "both")
        assert ours.get_layer("level_0_block_1_join")
        assert critic.get_layer(layer)
        found = ours.predict(latents, verbose=0)
        assert 1e-4 < np.abs(found - images).max() < 0.1
        found = critic.predict(images, verbose=0)
        np.testing.assert_allclose(found, logits, rtol=0, atol=0.05)
        record = json.loads((run / "training.json").read_text())
        assert record["began_from"]["recipe"]["architecture"]["kind"] == "dcgan"
    # Weights of another kind are no part of an average.
    with pytest.raises(ValueError, match="kind is resnet there and dcgan here"):
        average([origin, run], tmp_path / "mean")


@pytest.mark.parametrize(
    "others, message",
    [
        ({"features": [3]}, "features is 2 there and .3. here"),
        ({"upsampling": "nearest"}, "upsampling is transposed there"),
        ({"normalization": "spectral"}, "normalization is weight there"),
        (
            {"discriminator": "{kind: dcgan, features: 3}"},
            "the discriminator of .* is another: features is 2 there and 3 here",
        ),
    ],
)
def test_what_a_dcgan_is_not_deepened_to(recipe, origin, others, message):
    other = deepened(recipe, **others)
    with pytest.raises(ValueError, match=message):
        find_origin(str(origin), other, deeper=True)


def test_too_few_blocks_lose_nothing(recipe, origin, pictures, tmp_path):
    other = deepened(recipe, blocks=[1], batch_size=4)
    with pytest.raises(ValueError, match="two blocks or more"):
        train(other, pictures, tmp_path / "later", initial=str(origin))
    assert not (tmp_path / "later").exists()


def test_other_networks_are_refused(recipe, origin, pictures, tmp_path):
    other = recipe.override("features", 3)
    with pytest.raises(ValueError, match="features is 2 there and 3 here"):
        train(other, pictures, tmp_path / "later", initial=str(origin))
    assert not (tmp_path / "later").exists()
