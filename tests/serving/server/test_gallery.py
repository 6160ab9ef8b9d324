import json
import subprocess
import sys

import pytest

from kerasgan import zoo
from kerasgan.serving.server.gallery import describe_gallery
from kerasgan.zoo import catalogue
from kerasgan.zoo.metric_names import scaled

CELEBA = {
    "name": "dcgan-wn-celeba",
    "version": 3,
    "image_shape": [64, 64, 3],
    "latent_dim": 128,
}


def test_an_entry_has_what_the_zoo_says_of_it():
    (model,) = describe_gallery([CELEBA])["models"]
    recipe = zoo.recipe("dcgan-wn-celeba")
    assert {key: model[key] for key in CELEBA} == CELEBA
    assert model["in_zoo"] is model["pretrained"] is True
    assert model["summary"] == recipe.summary
    assert model["licence"].startswith("non-commercial research only")
    assert model["intended_use"] == recipe.intended_use
    assert model["limits"] == recipe.limits
    assert json.loads(json.dumps(model)) == model


def test_its_numbers_have_their_protocols():
    (model,) = describe_gallery([CELEBA])["models"]
    measured = zoo.read_metrics("dcgan-wn-celeba").metrics
    assert [(n["name"], n["value"]) for n in model["numbers"]] == [
        (item.name, item.value) for item in measured
    ]
    for item, number in zip(measured, model["numbers"]):
        assert float(number["text"]) == float(f"{scaled(item).value:.3g}")
        mantissa = number["text"].split("e")[0].lstrip("-")
        digits = mantissa.replace(".", "").lstrip("0")
        assert len(digits) == 3 or number["value"] == 0
        assert "images" in number["protocol"] or "samples" in number["protocol"]
    texts = {n["label"]: n["text"] for n in model["numbers"][::-1]}
    assert texts["KID-768 x 1000"] == "0.658"
    headlines = [n for n in model["numbers"] if n["headline"]]
    assert {n["label"]: n["protocol"] for n in headlines} == {
        "reconstruction error": "500 test images, 50 steps",
        "FID-768": "10,000 samples, 12,000 train images",
    }


@pytest.fixture
def entry(monkeypatch, tmp_path):
    """A zoo of one entry without weights, and its folder."""
    folder = tmp_path / "zoo" / "dcgan-wn-dots"
    folder.mkdir(parents=True)
    recipe = zoo.recipe("dcgan-wn-celeba").override("name", folder.name)
    (folder / "recipe.yaml").write_text(recipe.to_yaml())
    monkeypatch.setattr(catalogue, "folder", lambda: folder.parent)
    return folder


def test_the_training_budget_in_words(entry):
    training = {
        "steps": 20000,
        "batch_size": 32,
        "images": 5000,
        "data": "dots",
        "device": "two cores",
        "wall_time_s": 3700,
        "steps_per_s": 5.4,
        "kerasgan": "0.1",
        "keras": "3.12",
        "backend": "jax",
    }
    parent = {"name": "dcgan-wn-lines", "weights": "0" * 64, "steps": 7000}
    measured = {
        "name": entry.name,
        "weights": {},
        "training": training,
        "metrics": [],
        "command": "kerasgan evaluate",
    }
    words = "20,000 steps of 32 images out of 5,000, 1 h 02 min on two cores"
    before = (
        ", fine-tuned from dcgan-wn-lines (7,000 steps, generator "
        "0000000000000000)"
    )
    for began_from, expected in ((None, words), (parent, words + before)):
        training["began_from"] = began_from
        (entry / "metrics.json").write_text(json.dumps(measured))
        (model,) = describe_gallery([{**CELEBA, "name": entry.name}])["models"]
        assert model["training"] == expected


def test_an_entry_that_was_not_measured(entry):
    (model,) = describe_gallery([{**CELEBA, "name": entry.name}])["models"]
    assert model["in_zoo"] and not model["pretrained"]
    assert model["training"] is None
    assert model["numbers"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": "mine"},
        # A served name is never a path.
        {"name": "zoo/dcgan-wn-celeba"},
        {"image_shape": [32, 32, 3]},
        {"latent_dim": 64},
    ],
)
def test_what_the_zoo_does_not_know(change, monkeypatch, tmp_path):
    (tmp_path / "mine").mkdir()
    recipe = zoo.recipe("dcgan-wn-celeba").to_yaml()
    (tmp_path / "mine" / "recipe.yaml").write_text(recipe)
    monkeypatch.chdir(tmp_path)
    known, unknown = describe_gallery([CELEBA, {**CELEBA, **change}])["models"]
    assert known["in_zoo"] is True
    assert unknown == {
        **CELEBA,
        **change,
        "in_zoo": False,
        "pretrained": False,
        "data": None,
        "summary": None,
        "licence": None,
        "intended_use": None,
        "training": None,
        "limits": [],
        "numbers": [],
    }
    assert known.keys() == unknown.keys()


def test_numbers_are_not_told_of_other_weights(tmp_path):
    """A run of an entry's recipe has its name and shapes, not its numbers."""
    name = "dcgan-wn-celeba"
    sums = catalogue.find(name).folder / catalogue.CHECKSUMS
    right = next(
        line for line in sums.read_text().splitlines() if "generator" in line
    )
    model = {
        **{"name": name, "version": 1, "path": tmp_path},
        **{"image_shape": [64, 64, 3], "latent_dim": 128},
    }
    (tmp_path / "assets.extra").mkdir()
    for text, known in (
        (None, True),
        (right, True),
        (f"{'0' * 64}  generator.weights.h5", False),
    ):
        if text is not None:
            (tmp_path / "assets.extra" / "made_of.txt").write_text(text)
        (found,) = describe_gallery([model])["models"]
        assert found["in_zoo"] is known
        assert bool(found["numbers"]) is known and "path" not in found


def test_the_best_model_of_its_data_set_comes_first():
    cifar = {"image_shape": [32, 32, 3], "latent_dim": 128, "version": 1}
    names = ["dcgan-sn-celeba", "dcgan-ln-cifar10", "mine", "dcgan-wn-celeba"]
    models = [
        {**(cifar if "cifar" in name else CELEBA), "name": name}
        for name in [*names, "dcgan-wn-cifar10"]
    ]
    found = [model["name"] for model in describe_gallery(models)["models"]]
    assert found == [
        *("dcgan-wn-celeba", "dcgan-sn-celeba"),
        *("dcgan-wn-cifar10", "dcgan-ln-cifar10", "mine"),
    ]


def test_no_model_and_no_keras():
    code = """
import sys, types
sys.modules["keras"] = sys.modules["tensorflow"] = None
# Without what the package itself imports.
package = types.ModuleType("kerasgan.serving")
package.__path__ = [sys.argv[1]]
sys.modules["kerasgan.serving"] = package
from kerasgan.serving.server.gallery import describe_gallery
assert describe_gallery([]) == {"models": []}
"""
    import kerasgan.serving

    subprocess.run(
        [sys.executable, "-c", code, *kerasgan.serving.__path__], check=True
    )
