"""The pages of a recipe's keys and of what they can name, from the tables."""

from kerasgan.architectures import tables
from kerasgan.callbacks.measures_table import MEASURES
from kerasgan.gans import losses_table
from kerasgan.gans.augmentation.table import AUGMENTATIONS
from kerasgan.gans.penalties.table import PENALTIES
from kerasgan.optimizers.presets import PRESETS
from kerasgan.optimizers.table import DECAYS, OPTIMIZERS
from kerasgan.recipes.settings.architecture import ARCHITECTURES
from kerasgan.recipes.settings.data import Data
from kerasgan.recipes.settings.training import Training
from kerasgan.utils.registry import REQUIRED
from kerasgan.zoo.formatting import table

# Title, the key of a recipe or option, and the table.
KINDS = (
    ("Losses", "training.loss", losses_table.LOSSES),
    ("Penalties", "training.penalties", PENALTIES),
    ("Augmentations", "training.augmentation", AUGMENTATIONS),
    ("Optimizers", "training.generator_optimizer.name", OPTIMIZERS),
    ("Decays", "training.generator_optimizer.decay.name", DECAYS),
    ("Architectures", "architecture.kind", tables.ARCHITECTURES),
    ("Normalizations", "architecture.normalization", tables.NORMALIZATIONS),
    ("Activations", "architecture.activation", tables.ACTIVATIONS),
    ("Upsamplings", "architecture.upsampling", tables.UPSAMPLINGS),
    ("Measures", "kerasgan evaluate --metrics", MEASURES),
)

# The sections of a recipe, and the tables that check some of their keys.
SECTIONS = {
    "data": ([Data], []),
    "training": ([Training], [losses_table.GAN, *losses_table.LOSSES.values()]),
    "architecture": (
        [*ARCHITECTURES.values()],
        [*tables.ARCHITECTURES.values()],
    ),
}
# The keys that no table checks -> what they take.
VALUES = {
    "data.source": "a folder, zip, tar, array, `tfds:NAME` or `hf-dataset:NAME`",
    "data.split": "text",
    "data.hold_out": "a share, as 0.05 or 5%",
    "data.image_size": "pixels: 64, [height, width] or [height, width, channels]",
    "data.crop": "pixels, at least 1; none: the largest centred square",
    "data.resize": "area, lanczos or bilinear",
    "data.background": "a colour, by name or `#rrggbb`, behind transparency",
    "data.flip": "true or false",
    "data.licence": "text",
    "data.citation": "text",
    "data.homepage": "an address",
    "data.classes": "different names, at least 2",
    "training.loss": "one of the [losses](names/losses.md)",
    "training.penalties": "a list of [penalties](names/penalties.md); none: those of the loss",
    "training.augmentation": "one of the [augmentations](names/augmentations.md)",
    "training.batch_size": "an integer, at least 1",
    "training.steps": "an integer, at least 1",
    "training.preset": "sets both optimizers and `discriminator_steps`: "
    + ", ".join(PRESETS),
    "training.generator_optimizer": "one of the [optimizers](names/optimizers.md)",
    "training.discriminator_optimizer": "one of the [optimizers](names/optimizers.md)",
    "training.precision": "float32 or mixed_bfloat16",
    "training.best": "`name`, `every`, `count`, as `--best`; none: the last step",
    "training.seed": "an integer, 0 to 2,147,483,647",
    "architecture.kind": "one of the [architectures](names/architectures.md)",
    "architecture.image_shape": "[height, width, channels]: even, at least 8; "
    "1 or 3 channels",
    "architecture.features": "a positive integer; of resnet a list, one a level",
    "architecture.discriminator": "another `kind`, `features` and so on than the "
    "generator's",
}


def _default(field):
    if field.is_required():
        return "required"
    return "none" if field.default is None else f"`{field.default}`"


def keys():
    """Yields a recipe's keys: the key, its default and what it takes.

    Raises:
        KeyError: `VALUES` and the sections do not agree.
    """
    unused = {**VALUES}
    for section, (models, rows) in SECTIONS.items():
        arguments = {k: v for row in rows for k, v in row.arguments.items()}
        names = dict.fromkeys(k for x in models for k in x.model_fields)
        for name in names:
            key = f"{section}.{name}"
            expected = unused.pop(key, None) or arguments[name].expected
            defaults = {
                _default(x.model_fields[name])
                for x in models
                if name in x.model_fields
            }
            default = defaults.pop() if len(defaults) == 1 else "by `kind`"
            yield f"`{key}`", default, expected
    if unused:
        raise KeyError(f"no such keys: {', '.join(unused)}")


def arguments(row):
    """The arguments of a row, in a line."""
    return "; ".join(
        f"`{name}`: {argument.expected}"
        + ("" if argument.default is REQUIRED else f" ({argument.default})")
        for name, argument in row.arguments.items()
    )


def pages():
    """Returns name -> content: the page of the keys, and one for each kind."""
    result, rows = {}, []
    for title, key, named in KINDS:
        name = title.lower()
        rows.append([f"`{key}`", f"[{title}](names/{name}.md)"])
        content = table(
            ["name", "what it is", "arguments"],
            [
                [f"`{name}`", row.summary, arguments(row)]
                for name, row in named.items()
            ],
        )
        introduction = f"What `{key}` can name. Defaults are in parentheses."
        result[f"reference/names/{name}.md"] = (
            f"# {title}\n\n{introduction}\n\n{content}\n"
        )
    listed = "\n".join(f"names/{title.lower()}" for title, *_ in KINDS)
    parts = [
        "# Recipe keys",
        "The keys of `recipe.yaml`, as `--set KEY=VALUE` takes them. Some name an "
        "entry of a table, which has its arguments:",
        table(["key or option", "what it can name"], rows),
        table(["key", "default", "values"], [[*row] for row in keys()]),
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```",
    ]
    return {"reference/names.md": "\n\n".join(parts) + "\n"} | result
