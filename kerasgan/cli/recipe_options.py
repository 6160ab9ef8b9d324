"""Options of `kerasgan train` that change the recipe.

`kerasgan.training.adaptation.OPTIONS` has the keys that each of them sets.
"""

from typing import Annotated

import typer

from kerasgan.architectures import tables
from kerasgan.gans.augmentation.table import AUGMENTATIONS
from kerasgan.gans.losses_table import LOSSES
from kerasgan.gans.penalties.table import PENALTIES
from kerasgan.optimizers.presets import PRESETS
from kerasgan.optimizers.table import DECAYS, OPTIMIZERS
from kerasgan.utils.typing import Iterable

# Keys of a recipe -> the names that --set takes.
_NAMES: dict[str, Iterable[str]] = {
    "loss": LOSSES,
    "penalties": PENALTIES,
    "augmentation": AUGMENTATIONS,
    "normalization": tables.NORMALIZATIONS,
    "activation": tables.ACTIVATIONS,
    "upsampling": tables.UPSAMPLINGS,
    "generator_optimizer.name": OPTIMIZERS,
    "generator_optimizer.decay": DECAYS,
    "preset": PRESETS,
}
EPILOG = "Names for --set (arguments: page Names of the documentation):\n\n" + (
    "\n\n".join(f"{key}: {', '.join(names)}" for key, names in _NAMES.items())
)

Crop = Annotated[
    str | None,
    typer.Option(
        metavar="N|none",
        help="Use the central NxN pixels of each original image; none for its "
        "largest centred square. Default: the recipe's, but none for images "
        "other than the recipe's own.",
        show_default=False,
    ),
]
Flip = Annotated[
    bool | None,
    typer.Option(
        "--flip/--no-flip",
        help="Flip each image horizontally with probability 1/2; not for text "
        "or digits. Default: the recipe's.",
        show_default=False,
    ),
]
ImageSize = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Size to train at: the side of a square, HEIGHTxWIDTH such as "
        "64x48, or with the number of channels, 28x28x1 for gray; even numbers. "
        "The networks follow. Default: the recipe's.",
        show_default=False,
    ),
]
Steps = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Number of generator updates. Default: the recipe's. If its "
        "learning rate decays to its last step, the decay ends at the new one.",
        show_default=False,
    ),
]
BatchSize = Annotated[
    int | None,
    typer.Option(
        metavar="IMAGES",
        min=1,
        help="Images per batch. Default: the recipe's.",
        show_default=False,
    ),
]
LearningRate = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        help="Learning rate of both networks, such as 2e-4. Default: the "
        "recipe's.",
        show_default=False,
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        help="float32, or mixed_bfloat16 (float32 weights and losses), "
        "which may be faster on processors with AVX512-BF16 and on GPUs.",
        show_default=False,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Set a value of the recipe, such as loss=hinge. Can be repeated.",
        show_default=False,
    ),
]
