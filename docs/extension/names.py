"""The page of what recipes and commands can name, from the tables."""

from kerasgan.architectures import tables
from kerasgan.evaluation.measures import MEASURES
from kerasgan.gans import losses_table
from kerasgan.gans.augmentation.table import AUGMENTATIONS
from kerasgan.gans.penalties.table import PENALTIES
from kerasgan.optimizers.table import DECAYS, OPTIMIZERS
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


def arguments(row):
    """The arguments of a row, in a line."""
    return "; ".join(
        f"`{name}`: {argument.expected}"
        + ("" if argument.default is REQUIRED else f" ({argument.default})")
        for name, argument in row.arguments.items()
    )


def place(row):
    """The file of what a row names, or its module if that is Keras's."""
    if row.module.startswith("kerasgan."):
        return f"{row.module.replace('.', '/')}.py"
    return row.module


def pages():
    """Returns name -> content of the page."""
    return {"reference/names.md": page()}


def page():
    """The page, in Markdown."""
    parts = [
        "# Names",
        "What recipes and commands can name, with the arguments that can be "
        "set and their defaults in parentheses.",
    ]
    for title, key, rows in KINDS:
        parts += [f"## {title}", f"`{key}`"]
        parts.append(
            table(
                ["name", "where", "what it is", "arguments"],
                [
                    [
                        f"`{name}`",
                        f"`{row.name}`, {place(row)}",
                        row.summary,
                        arguments(row),
                    ]
                    for name, row in rows.items()
                ],
            )
        )
    return "\n\n".join(parts) + "\n"
