"""Options of commands that take latents or move them."""

import math
from pathlib import Path
from typing import Annotated

import typer

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
Method = Annotated[
    str,
    typer.Option(
        metavar="sefa|pca",
        help="How directions are found: factorization of the first layer's "
        "weights, or principal components of its activations.",
    ),
]
Amount = Annotated[
    str,
    typer.Option(
        metavar="NUMBERS",
        help="How far along a direction, in standard deviations of the latents, "
        "separated by commas: --amount=-2,0,2.",
    ),
]


def amounts(text: str) -> list[float]:
    """Returns the numbers of `--amount`."""
    try:
        numbers = [float(word) for word in text.split(",")]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        raise ValueError(
            f"expected numbers, such as -2,0,2. Received: amount={text!r}"
        )
    return numbers
