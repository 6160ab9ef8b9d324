"""`kerasgan interpolate`."""

import itertools
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import Name, load_generator, output_file


def command(
    name: Name,
    seeds: Annotated[
        str,
        typer.Option(
            "--seeds",
            "-s",
            help="Two or more integers with commas between them. From each to "
            "the next goes one row of pictures.",
        ),
    ] = "0,1",
    steps: Annotated[
        int, typer.Option(min=2, help="Pictures in a row, both ends included.")
    ] = 8,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The PNG file.")
    ] = Path("interpolation.png"),
):
    """Draw the way from the first picture of one seed to that of another.

    Latents are interpolated spherically.
    """
    ends = _integers(seeds)
    output = output_file(output, ".png")

    generator, _ = load_generator(name)

    import numpy as np

    from kerasgan import pictures, sampling

    rows = [
        sampling.interpolate(generator, pair, steps=steps, batch_size=steps)
        for pair in itertools.pairwise(ends)
    ]
    pictures.save_png(
        pictures.grid(np.concatenate(rows), columns=steps), output
    )
    print(f"Wrote {len(rows) * steps} pictures to {output}")


def _integers(text):
    try:
        numbers = [int(word) for word in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) < 2:
        raise ValueError(
            f"expected two or more integers, such as 0,1. Received: seeds={text!r}"
        )
    return numbers
