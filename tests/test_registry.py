"""The tables of names: the code, the schema, the help and the docs agree."""

import importlib.util
import inspect
import pathlib
import re

import pytest
from typer.testing import CliRunner

from kerasgan import cli, gans
from kerasgan.architectures.tables import ARCHITECTURES
from kerasgan.callbacks import measures_table
from kerasgan.gans import losses_table
from kerasgan.recipes.settings import architecture, augmentation, optimizers
from kerasgan.recipes.settings.penalties import PENALTIES
from kerasgan.utils import registry
from kerasgan.zoo import Recipe

ROOT = pathlib.Path(__file__).parent.parent
RECIPE = Recipe.load(ROOT / "zoo/dcgan-wn-celeba/recipe.yaml")
spec = importlib.util.spec_from_file_location(
    "names", ROOT / "docs/extension/names.py"
)
names = importlib.util.module_from_spec(spec)
spec.loader.exec_module(names)
TABLES = {title: rows for title, _, rows in names.KINDS}
# What the arguments of optimizers become before Keras gets them.
OURS = {"learning_rate", "warmup_steps", "decay"}


@pytest.mark.parametrize("kind", TABLES)
def test_every_row_is_there_with_its_defaults(kind):
    for row in TABLES[kind].values():
        found = row.load()
        if not row.arguments:
            assert found is not None
            continue
        parameters = inspect.signature(found).parameters
        for name, argument in row.arguments.items():
            if name in OURS:
                continue
            default = parameters[name].default
            if argument.default is registry.REQUIRED:
                default = registry.REQUIRED
            assert argument.default == default, (row.where, name)
            assert argument.default is registry.REQUIRED or not (
                argument.problem(name, default)
            )


def test_a_class_has_no_argument_without_a_row():
    everywhere = {"generator", "discriminator", "penalties", "kwargs", "self"}
    for kind in ("Losses", "Penalties", "Augmentations"):
        for row in TABLES[kind].values():
            own = inspect.signature(row.load()).parameters.keys() - everywhere
            known = row.arguments.keys()
            if kind == "Losses":
                of_any = losses_table.GAN.arguments.keys()
                known = {*known, *of_any, "augmentation", "seed"}
            assert own <= {*known}, row.where
    parameters = inspect.signature(gans.GAN).parameters
    for name, argument in losses_table.GAN.arguments.items():
        assert parameters[name].default == argument.default


def test_the_schema_has_every_name():
    for sections, kind in (
        (PENALTIES, "Penalties"),
        (augmentation.AUGMENTATIONS, "Augmentations"),
        (optimizers.OPTIMIZERS, "Optimizers"),
        (optimizers.DECAYS, "Decays"),
    ):
        assert [*sections] == [*TABLES[kind]]
        for name, section in sections.items():
            assert [*section.model_fields] == [
                "name",
                *TABLES[kind][name].arguments,
            ]
    for kind, section in architecture.ARCHITECTURES.items():
        assert [*section.model_fields] == [
            *("kind", "image_shape", *ARCHITECTURES[kind].arguments),
            "discriminator",
        ]
    for name, row in losses_table.LOSSES.items():
        changed = RECIPE.override_all(
            [("loss", name), ("label_smoothing", 0), ("clip", None)]
            + [("penalties", None), ("augmentation", None)]
        )
        assert changed.training.loss == name
        assert row.arguments.keys() <= changed.training.model_dump().keys()


def test_a_training_counts_what_its_callbacks_count():
    assert [*measures_table.MEASURED] == [
        *("reconstruction", "fid768", "fid", "diversity"),
    ]
    for row in measures_table.MEASURED.values():
        count = inspect.signature(row.load()).parameters.get("count")
        assert count is None or count.default == row.count
    best = {"name": "diversity"}
    with pytest.raises(ValueError, match="training.best.name"):
        RECIPE.override("training.best", best)


def test_the_help_has_the_values_of_other_tables():
    from kerasgan.cli.export import Format, Weights
    from kerasgan.evaluation.neighbours import SPACES
    from kerasgan.recipes.settings.training import PRECISIONS
    from kerasgan.serving.exports.exporting import WEIGHTS
    from kerasgan.serving.exports.file_formats import FORMATS
    from kerasgan.training.distribution import DISTRIBUTIONS

    assert {*Format} == {"savedmodel", *FORMATS}
    assert {*Weights} == {*WEIGHTS}
    for command, values in (
        ("train", [*PRECISIONS, *DISTRIBUTIONS, "stop", "rollback"]),
        ("neighbours", SPACES),
    ):
        text = help_of(command)
        assert {*values} <= {*re.findall(r"[\w-]+", text)}, command


def help_of(command):
    return (
        CliRunner()
        .invoke(cli.app, [command, "--help"], env={"COLUMNS": "200"})
        .output
    )


def test_the_help_has_every_name():
    texts = {command: help_of(command) for command in ("train", "evaluate")}
    for kind in TABLES.keys() - {"Architectures"}:
        text = texts["evaluate" if kind == "Measures" else "train"]
        words = set(re.findall(r"[\w-]+", text))
        assert set(TABLES[kind]) <= words, kind


def test_the_pages_have_every_name():
    pages = names.pages()
    for kind, rows in TABLES.items():
        page = pages[f"reference/names/{kind.lower()}.md"]
        for name, row in rows.items():
            assert f"| `{name}` |" in page
            assert all(f"`{argument}`: " in page for argument in row.arguments)


def refused(argument):
    """Values that an argument of that kind must not have."""
    if isinstance(argument, registry.Number):
        limits = (argument.least or argument.above or 0) - 1, argument.below
        return [
            v for v in (*limits, float("nan"), "many", True) if v is not None
        ]
    return {
        registry.Flag: ["often"],
        registry.Choice: ["neither"],
        registry.Names: [[], ["color", "color"], ["colour"]],
        registry.Integers: [[], [2, 0], [1.5]],
    }[type(argument)]


def message_of(function, *arguments, **values):
    with pytest.raises(ValueError) as caught:
        function(*arguments, **values)
    return str(caught.value)


def in_a_recipe(kind, name, argument, value):
    """What `Recipe.override_all` sets for an argument of a row."""
    section = {"name": name, argument: value}
    return {
        "Losses": [("loss", name), (argument, value)],
        "GAN": [(argument, value)],
        "Penalties": [("penalties", [section])],
        "Augmentations": [("augmentation", section)],
        "Architectures": [
            ("architecture", {"kind": name, "image_shape": [64, 64, 3]})
        ]
        + [(f"architecture.{argument}", value)],
    }[kind]


@pytest.mark.parametrize(
    "kind", ["Losses", "GAN", "Penalties", "Augmentations", "Architectures"]
)
def test_python_and_recipes_say_the_same(kind):
    networks = (None, None) if kind in ("Losses", "GAN") else ()
    rows = TABLES.get(kind, {"gan": losses_table.GAN})
    for name, row in rows.items():
        for key, argument in row.arguments.items():
            for value in refused(argument):
                python = message_of(row.load(), *networks, **{key: value})
                assert python.startswith(f"Argument `{key}` must be ")
                assert python.endswith(f"Received: {key}={value!r}")
                pairs = in_a_recipe(kind, name, key, value)
                recipe = message_of(RECIPE.override_all, pairs)
                # It also offers a name that is nearly the one given.
                recipe = re.sub(r"did you mean \w+\? It ", "", recipe)
                text = python.removeprefix(f"Argument `{key}` ")
                assert recipe.endswith(f".{key}: {text}")
