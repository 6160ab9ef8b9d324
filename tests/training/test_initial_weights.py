"""Trainings that begin with the weights of others."""

import collections
import json
import sys
import warnings

import numpy as np
import pytest
from typer.testing import CliRunner

from kerasgan import zoo
from kerasgan.cli import app
from kerasgan.data import labels, sources
from kerasgan.data.source_folder import FolderSource as Folder
from kerasgan.recipes import yaml_documents
from kerasgan.training import plan
from kerasgan.training.initial_weights import parent_of
from kerasgan.training.trainer import train
from kerasgan.utils.files import sha256
from kerasgan.zoo import catalogue

pytestmark = pytest.mark.integration


def weights(name, part="generator"):
    return zoo.load(name, part).get_weights()


def test_it_begins_with_the_weights(recipe, origin, image_folder, tmp_path):
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
    train(later, image_folder, tmp_path / "fresh")
    train(later, image_folder, tmp_path / "later", initial=str(origin))
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


def test_it_is_written_down_and_stays_so(
    recipe, origin, image_folder, tmp_path
):
    output = tmp_path / "later"
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, image_folder, output, initial=str(origin))
    train(later.override("steps", 2), image_folder, output, resume=True)
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
    (output / "log.jsonl").unlink()
    same = {"resume": True, "initial": str(origin), "log_every": 2}
    with pytest.warns(UserWarning, match="lost its log.*begin at step 2"):
        train(again, image_folder, output, **same)
    with pytest.raises(
        ValueError, match="started from the weights of dcgan-wn"
    ):
        train(again, image_folder, output, resume=True, initial=str(output))
    (output / "checkpoint.weights.h5").unlink()
    with pytest.raises(ValueError, match="no checkpoint yet: repeat --from"):
        train(again, image_folder, output, resume=True)
    with pytest.warns(UserWarning, match="lost its .* again at step 0"):
        train(again, image_folder, output, **same)
    first = zoo.recipe(origin)
    with pytest.raises(ValueError, match="started from fresh ones"):
        train(first, image_folder, origin, resume=True, initial=str(output))


def test_what_the_first_training_saw_is_not_held_out(
    recipe, origin, image_folder
):
    held = recipe.override("hold_out", 0.2)
    with pytest.warns(
        UserWarning, match="on images of images that are held out"
    ):
        parent_of(zoo.catalogue.resolve(origin), held, image_folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parent_of(zoo.catalogue.resolve(origin), recipe, image_folder)
        parent_of(zoo.catalogue.resolve(origin), held, "others")
        less = zoo.recipe(origin).override("hold_out", 0.2)
        (origin / "recipe.yaml").write_text(less.to_yaml())
        parent_of(zoo.catalogue.resolve(origin), held, image_folder)


def test_the_steps_of_all_trainings_add_up(
    recipe, origin, image_folder, tmp_path
):
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, image_folder, tmp_path / "second", initial=str(origin))
    parent = parent_of(
        zoo.catalogue.resolve(tmp_path / "second"), recipe, image_folder
    )
    assert parent.steps == 3
    assert len(parent.fingerprints) == 1


def test_a_run_without_a_checkpoint_is_not_begun_afresh(
    recipe, origin, image_folder, tmp_path
):
    output = tmp_path / "later"
    later = recipe.override_all([("steps", 1), ("batch_size", 4)])
    train(later, image_folder, output, initial=str(origin))
    (output / "checkpoint.weights.h5").unlink()
    with pytest.raises(ValueError, match="repeat --from"):
        train(later, image_folder, output, resume=True)


def test_other_networks_are_refused(recipe, origin, image_folder, tmp_path):
    other = recipe.override_all([("features", 3), ("batch_size", 4)])
    with pytest.raises(ValueError, match="features is 2 there and 3 here"):
        train(other, image_folder, tmp_path / "later", initial=str(origin))
    assert not (tmp_path / "later").exists()
    with pytest.raises(ValueError, match="from=dcgan-wn-dots, a recipe file"):
        parent_of(catalogue.NamedRecipe(recipe), recipe, image_folder)


@pytest.fixture
def calls(monkeypatch):
    """Counts of what is called, wherever it was imported: name -> arguments."""
    seen = collections.defaultdict(list)

    def count(function):
        def counted(*arguments, **options):
            seen[function.__name__].append(str(arguments[0]))
            return function(*arguments, **options)

        for name, module in list(sys.modules.items()):
            if name.startswith("kerasgan."):
                for key, value in list(vars(module).items()):
                    if value is function:
                        monkeypatch.setattr(module, key, counted)

    for function in (
        catalogue.find,
        catalogue.resolve,
        yaml_documents.read_yaml,
        sources.same_source,
        labels.labelling,
        plan.check_batch,
        sha256,
    ):
        count(function)
    open_folder = Folder.__init__

    def opened(self, *arguments):
        seen["open"].append(arguments)
        open_folder(self, *arguments)

    monkeypatch.setattr(Folder, "__init__", opened)
    return seen


@pytest.mark.parametrize("initial", [False, True])
def test_everything_is_looked_up_opened_and_hashed_once(
    recipe, metrics, add_entry, image_folder, origin, tmp_path, calls, initial
):
    entry = add_entry("dcgan-wn-dots", weights=True)
    add_entry("dcgan-bn-dots", weights=True)
    # A file of the name that the entry was trained on: it is opened to count.
    content = metrics.model_dump(mode="json")
    content["training"].update(data="images, train", images=9)
    (entry / "metrics.json").write_text(json.dumps(content))
    for seen in calls.values():
        seen.clear()
    command = (
        f"train dcgan-wn-dots --data {image_folder} --steps 1 --batch-size 4"
    )
    command += f" --measure none --output {tmp_path / 'run'}"
    words = command.split() + (["--from", str(origin)] if initial else [])
    result = CliRunner().invoke(app, words)
    assert result.output.splitlines()[-1].startswith("Trained 1 steps")
    parents = [str(origin)] * initial
    assert calls["find"] == ["dcgan-wn-dots", *parents]
    assert calls["resolve"] == ["dcgan-wn-dots", *parents]
    # A recipe's text.
    assert len(calls["read_yaml"]) == 1 + len(parents)
    assert len(calls["open"]) == len(calls["check_batch"]) == 1
    assert calls["labelling"] == calls["same_source"] == []
    hashed = [
        path for path in calls["sha256"] if str(tmp_path / "run") not in path
    ]
    assert sorted(hashed) == [
        str(origin / file)
        for file in sorted(catalogue.WEIGHTS.values())
        if initial
    ]
