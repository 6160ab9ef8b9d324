"""Records and recipes of kerasgan 0.1 are read as those of today."""

import pytest

from kerasgan.zoo import Metrics, Recipe


def test_what_several_trainings_led_to(metrics, recipe):
    record = metrics.training.model_dump(mode="json", exclude_none=True)
    record["data"] = "dots, train, fingerprint 0123456789abcdef"
    nested = {"recipe": recipe.model_dump(mode="json"), "weights": "1" * 64}
    first = {**record, "steps": 5}
    first["data"] = "photos"
    other = {"name": "first", "training": first, **nested}
    second = {**record, "steps": 7, "began_from": other}
    average = {"share": 0.5, "others": [{**other, "share": 0.5}]}
    content = metrics.model_dump(mode="json")
    content["training"] = {
        **record,
        "began_from": {"name": "second", "training": second, **nested},
        "taught_by": [other],
        "averaged": average,
        "recipe": nested["recipe"],
    }
    read = Metrics.model_validate(content).training
    assert read.data.model_dump() == {
        "source": "dots",
        "split": "train",
        "fingerprint": "0123456789abcdef",
    }
    assert read.began_from.model_dump() == {
        "name": "second",
        "weights": "1" * 64,
        "steps": 12,
        "licence": "MIT",
        "fingerprints": ["0123456789abcdef"],
    }
    assert read.total_steps == read.steps + 12


def test_recipes_lose_distillation_with_a_word(recipe):
    pair = [("penalties", "[r1]"), ("penalties.0.weight", "2")]
    text = recipe.override_all(pair).to_yaml()
    # Nearly every recipe of 0.1 has the key.
    plain = text.replace("training:\n", "training:\n  pretraining: false\n")
    assert Recipe.from_yaml(plain) == Recipe.from_yaml(text)
    item = "  - name: distillation\n    teacher: x\n"
    taught = plain.replace("pretraining: false", "pretraining: true")
    taught = taught.replace("  penalties:\n", f"  penalties:\n{item}")
    with pytest.warns(UserWarning, match="pretraining and distillation of ker"):
        assert Recipe.from_yaml(taught) == Recipe.from_yaml(text)


def test_the_digest_is_of_what_decides_a_training(recipe):
    same = [("name", "b"), ("source", "tfds:lines"), ("licence", "CC0")]
    assert recipe.override_all(same).digest == recipe.digest
    for pair in ("steps", 11), ("flip", False), ("features", 3):
        assert recipe.override_all([pair]).digest != recipe.digest
