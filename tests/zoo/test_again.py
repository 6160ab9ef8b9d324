"""The commands by which cards say how to train an entry again."""

import itertools
import shlex

import pytest

from kerasgan import zoo
from kerasgan.files import sha256
from kerasgan.zoo.again import training_commands
from kerasgan.zoo.metrics import TrainingRecord


def parsed(command):
    """A command's words, options with their values, and overrides."""
    words = shlex.split(command)
    options, overrides, places = {}, [], []
    while words:
        word = words.pop(0)
        if word == "--set":
            key, _, value = words.pop(0).partition("=")
            overrides.append((key, value))
        elif word.startswith("--"):
            options[word] = words.pop(0)
        else:
            places.append(word)
    if "--steps" in options:
        overrides.append(("training.steps", int(options["--steps"])))
    return places, options, overrides


def kept(name):
    """The digest of the generator that the zoo has by that name."""
    lines = (zoo.find(name).folder / "SHA256SUMS").read_text().splitlines()
    return next(
        line.split()[0] for line in lines if "generator" in line.split()[1]
    )


@pytest.mark.parametrize("name", zoo.list(pretrained=True))
def test_an_entry_and_what_it_began_with(name):
    record = zoo.read_metrics(name).training
    ours = zoo.recipe(name)
    commands = [parsed(c) for c in training_commands(ours, record)]
    trained = [c for c in commands if c[0][1] == "train"]
    # The last training is by the recipe, or by one of its own, and the one
    # before is that which it began with.
    last = ours
    if record.recipe is not None:
        last = zoo.Recipe.from_dict(record.recipe)
    expected = [(record, last.training)]
    while record.began_from is not None:
        origin = record.began_from
        if kept(origin.name) == origin.weights:
            break
        recipe = zoo.Recipe.from_dict(origin.recipe)
        expected.insert(0, (origin.training, recipe.training))
        record = origin.training
    assert len(trained) == len(expected)
    for (places, options, overrides), (done, training) in zip(
        trained, expected
    ):
        assert places[2] == name
        assert options["--data"] == done.data.split(",")[0]
        again = ours.override_all(overrides).training
        steps = again.steps
        assert steps == (
            done.selection.last_steps if done.selection else done.steps
        )
        assert again == training.model_copy(update={"steps": steps})
    # Each begins with what the command before it made, a training's or an
    # average; the first with fresh weights, or with what the zoo has.
    begun = record.began_from
    assert commands[0][1].get("--from") == (begun and begun.name)
    for (_, before, _), (places, options, _) in itertools.pairwise(commands):
        if places[1] == "train":
            best = "/best" if "--best" in before else ""
            assert options["--from"] == before["--output"] + best
        else:
            assert before["--output"] in places


def test_an_average():
    name = "dcgan-wn-celeba"
    record = zoo.read_metrics(name).training
    assert record.averaged is not None
    *_, last = training_commands(zoo.recipe(name), record)
    assert last == (
        f"kerasgan average runs/{name}-4 runs/{name}-3 --shares 0.5,0.5 "
        f"--output runs/{name}-5"
    )


def origin_of(recipe, training, weights="1" * 64):
    return {
        "name": recipe.name,
        "weights": weights,
        "training": training.model_dump(),
        "recipe": recipe.model_dump(mode="json"),
    }


def test_other_kinds_of_settings(recipe, metrics, zoo_folder):
    before = recipe.override_all(
        [
            ("discriminator_optimizer", "{name: adam, learning_rate: 1e-3}"),
            ("loss", "hinge"),
            ("penalties", "r1"),
            ("flip", "false"),
            ("background", "black"),
            ("generator_optimizer.decay", "{name: cosine, stop: 9}"),
        ]
    )
    record = metrics.training.model_copy(
        update={"began_from": zoo_origin(before, metrics.training)}
    )
    first, second = training_commands(recipe, record)
    places, options, overrides = parsed(first)
    # No entry of the zoo has this recipe.
    assert places == ["kerasgan", "train", "recipe.yaml"]
    again = recipe.override_all(overrides)
    assert again.override("steps", 10) == before
    assert parsed(second)[1]["--from"] == options["--output"]


def zoo_origin(recipe, training, **changes):
    from kerasgan.zoo.metrics import Origin

    return Origin(**origin_of(recipe, training, **changes))


def test_networks_before_the_last_ones(recipe, metrics, zoo_folder):
    chosen = {
        "rule": "the lowest fid768 of 2,000 samples beside the training "
        "pictures, measured every 1,500 steps",
        "numbers": {"fid768": 1.0},
        "last_steps": 4500,
        "last_numbers": {"fid768": 2.0},
    }
    content = metrics.training.model_dump()
    done = TrainingRecord(**{**content, "steps": 3000, "selection": chosen})
    (command,) = training_commands(recipe, done)
    assert command.endswith("--steps 4500 --best fid768 --measure-every 1500")
    assert f"--output runs/{recipe.name} " in command
    later = done.model_copy(
        update={"selection": None, "began_from": zoo_origin(recipe, done)}
    )
    _, second = training_commands(recipe, later)
    assert parsed(second)[1]["--from"] == f"runs/{recipe.name}-1/best"


def test_the_networks_before_were_of_another_kind(recipe, metrics, add_entry):
    before = recipe.override("steps", 70)
    origin = zoo_origin(before, metrics.training)
    deep = recipe.override_all(
        [("name", "deep"), ("kind", "resnet")]
        + [("features", [2]), ("blocks", [2])]
    )
    record = metrics.training.model_copy(update={"began_from": origin})
    first, second = training_commands(deep, record)
    assert parsed(first)[0] == ["kerasgan", "train", "dcgan-wn-dots.yaml"]
    assert parsed(second)[0] == ["kerasgan", "train", "recipe.yaml"]
    assert parsed(second)[1]["--from"] == "runs/deep-1"
    # The entry has the same networks, and 10 steps in its recipe.
    add_entry("dcgan-wn-dots")
    first, _ = training_commands(deep, record)
    places, options, _ = parsed(first)
    assert places[2] == "dcgan-wn-dots"
    assert options["--steps"] == "1000"


def test_weights_of_the_zoo_are_there_already(recipe, metrics, add_entry):
    folder = add_entry("dcgan-wn-dots", weights=True)
    digest = sha256(folder / "generator.weights.h5")
    mine = recipe.override("name", "mine")
    for weights, name in (
        (digest, "dcgan-wn-dots"),
        ("1" * 64, "runs/mine-1"),
    ):
        origin = zoo_origin(recipe, metrics.training, weights=weights)
        record = metrics.training.model_copy(update={"began_from": origin})
        *_, last = training_commands(mine, record)
        assert parsed(last)[1]["--from"] == name


def test_a_decay_whose_end_did_not_move_with_the_steps(
    recipe, metrics, add_entry
):
    decay = ("generator_optimizer.decay", "{name: linear, stop: 10}")
    before = recipe.override(*decay)
    for stop, said in (10, True), (1000, True):
        done = before.override_all(
            [("steps", 1000), ("generator_optimizer.decay.stop", stop)]
        ).model_dump(mode="json")
        record = metrics.training.model_copy(update={"recipe": done})
        (command,) = training_commands(before, record)
        setting = f"--set generator_optimizer.decay.stop={stop}"
        assert command.count(setting) == said
