"""Options of commands that take latents or move them."""

import math
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.sampling.direction_methods import METHODS, check_method

AMOUNTS = "-4,-2,0,2,4"
Latents = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Latents of an .npy or .npz file (see reconstruct --save-latents) "
        "in place of those of seeds.",
        show_default=False,
    ),
]
# Without a value, so that a command knows whether they were given.
Method = Annotated[
    str | None,
    typer.Option(
        metavar="|".join(METHODS),
        help="How directions are found: factorization of the first layer's "
        f"weights, or principal components of its activations. Default: {METHODS[0]}.",
        show_default=False,
    ),
]
Amount = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBERS",
        help="How far along a direction, in standard deviations of the latents, "
        f"separated by commas: --amount=-2,0,2. Default: {AMOUNTS}.",
        show_default=False,
    ),
]


def read(recipe, path: Path):
    """Reads the file of `--latents`; Keras is not imported for it.

    Args:
        recipe: the `Recipe` of the model.
        path: the file.

    Returns:
        `(latents, labels, conditional)`: the labels are None without any, the
        last is whether the model is conditional.
    """
    from kerasgan.sampling import read_latents

    latents, labels = read_latents(path, recipe.architecture.latent_dim)
    return latents, labels, recipe.data.classes is not None


def check_direction(recipe, direction: int | None) -> None:
    """Raises a ValueError if the model of a recipe has no such direction."""
    width = recipe.architecture.latent_dim
    if direction is not None and direction >= width:
        raise ValueError(
            f"Expected a --direction from 0 to {width - 1}, one per latent. "
            f"Received: direction={direction}"
        )


def method_name(text: str | None) -> str:
    """Returns the name of `--method`."""
    name = METHODS[0] if text is None else text
    check_method(name)
    return name


def amounts(text: str | None) -> list[float]:
    """Returns the numbers of `--amount`."""
    text = AMOUNTS if text is None else text
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        raise ValueError(
            f"Expected numbers, such as -2,0,2. Received: amount={text!r}"
        )
    return numbers
