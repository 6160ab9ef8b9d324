"""The tables of names: the code, the schema, the help and the docs agree."""

import importlib.util
import inspect
import pathlib
import re

import pytest
from typer.testing import CliRunner

from kerasgan import cli, gans
from kerasgan.architectures.tables import ARCHITECTURES
from kerasgan.gans import losses_table
from kerasgan.gans.penalties import table as penalties_table
from kerasgan.recipes.settings import architecture, augmentation, optimizers
from kerasgan.recipes.settings.penalties import PENALTIES
from kerasgan.utils import registry
from kerasgan.zoo import Recipe

ROOT = pathlib.Path(__file__).parent.parent
RECIPE = Recipe.load(ROOT / "zoo/dcgan-wn-celeba/recipe.yaml")
spec = importlib.util.spec_from_file_location("names", ROOT / "docs/names.py")
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
        ours = section.model_fields.keys() - {"kind", "image_shape"}
        assert ours - {"discriminator"} == ARCHITECTURES[kind].arguments.keys()
    for name, row in losses_table.LOSSES.items():
        changed = RECIPE.override_all(
            [("loss", name), ("label_smoothing", 0), ("clip", None)]
            + [("penalties", None), ("augmentation", None)]
        )
        assert changed.training.loss == name
        assert row.arguments.keys() <= changed.training.model_dump().keys()


def test_the_help_has_every_name():
    texts = {
        command: CliRunner()
        .invoke(cli.app, [command, "--help"], env={"COLUMNS": "200"})
        .output
        for command in ("train", "evaluate")
    }
    for kind in TABLES.keys() - {"Architectures"}:
        text = texts["evaluate" if kind == "Measures" else "train"]
        words = set(re.findall(r"[\w-]+", text))
        assert set(TABLES[kind]) <= words, kind


def test_the_page_is_that_of_the_tables():
    page = names.PAGE.read_text(encoding="utf-8")
    assert page == names.page(), "python docs/names.py"


def said_by_python(call, **values):
    with pytest.raises(ValueError) as caught:
        call(**values)
    return str(caught.value)


@pytest.mark.parametrize(
    "row, key, name, value",
    [
        (penalties_table.PENALTIES["r1"], "penalties", "weight", -1.0),
        (penalties_table.PENALTIES["r1"], "penalties", "interval", 0),
        (
            penalties_table.PENALTIES["path_length"],
            "penalties",
            "relative",
            "often",
        ),
        (TABLES["Augmentations"]["adaptive_augment"], "aug", "target", 1.0),
        (TABLES["Augmentations"]["diff_augment"], "aug", "policy", ["colour"]),
        (losses_table.LOSSES["non_saturating"], "loss", "label_smoothing", 1.0),
        (losses_table.LOSSES["wasserstein"], "loss", "clip", -0.5),
        (losses_table.GAN, "gan", "discriminator_steps", 0),
        (losses_table.GAN, "gan", "update", "sometimes"),
        (losses_table.GAN, "gan", "ema_decay", 1.0),
        (ARCHITECTURES["dcgan"], "dcgan", "normalization", "wn"),
        (ARCHITECTURES["dcgan"], "dcgan", "dropout", 1.0),
        (ARCHITECTURES["dcgan"], "dcgan", "latent_dim", 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_python_and_recipes_say_the_same(row, key, name, value):
    made = row.load()
    networks = (None, None) if key in ("loss", "gan") else ()
    python = said_by_python(
        lambda **values: made(*networks, **values), **{name: value}
    )
    known = {id(row): n for rows in TABLES.values() for n, row in rows.items()}
    pairs = {
        "penalties": [
            ("penalties", [{"name": known.get(id(row)), name: value}])
        ],
        "aug": [("augmentation", {"name": known.get(id(row)), name: value})],
        "loss": [("loss", known.get(id(row))), (name, value)],
    }.get(key, [(name, value)])
    recipe = said_by_python(lambda: RECIPE.override_all(pairs))
    assert python == f"Argument `{name}` {recipe.partition(f'{name}: ')[2]}"
