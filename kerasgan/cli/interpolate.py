"""`kerasgan interpolate`."""

import itertools
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli import latent_options
from kerasgan.cli.common import Name, find_entry, load_generator, output_file

SEEDS = "0,1"


def command(
    name: Name,
    seeds: Annotated[
        str | None,
        typer.Option(
            "--seeds",
            "-s",
            help="Two or more integers, separated by commas: one row of images "
            f"from each seed to the next. Default: {SEEDS}.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[
        int, typer.Option(min=2, help="Images in a row, both ends included.")
    ] = 8,
    labels: Annotated[
        str | None,
        typer.Option(
            "--labels",
            metavar="CLASSES",
            help="Classes of a conditional model, by name or index, separated by "
            "commas: one for each seed, or one for all. Default: drawn by the "
            "seeds.",
            show_default=False,
        ),
    ] = None,
    latents: latent_options.Latents = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="PNG file of the rows, or GIF file (.gif) of an animation; "
            "repeat the first seed at the end to loop it.",
        ),
    ] = Path("interpolation.png"),
):
    """Interpolate between seeds.

    Latents are interpolated spherically.
    """
    entry, recipe = find_entry(name)
    ends = _integers(SEEDS if seeds is None else seeds)
    if latents is None:
        classes = _classes(labels, len(ends))
    elif seeds is not None:
        raise ValueError(
            "Expected --seeds or --latents, not both. "
            f"Received: seeds={seeds}, latents={latents}"
        )
    else:
        z, known, _ = latent_options.read(recipe, latents)
        if len(z) < 2:
            raise ValueError(
                f"Expected two or more latents. Received: 1 in {latents}"
            )
        classes = _classes(labels, len(z))
    output = output_file(output, ".png", ".gif")

    generator = load_generator(entry, recipe)

    import numpy as np

    from kerasgan import sampling
    from kerasgan.utils import image_grids

    pairs = [None] * (len(ends) - 1)
    if latents is not None:
        # Labels that are drawn are those of the seeds 0, 1, 2, ...
        ends, pairs = (
            range(len(z)),
            [z[at : at + 2] for at in range(len(z) - 1)],
        )
        if labels is None and known is not None:
            classes = [*itertools.pairwise(known.tolist())]
    rows = [
        sampling.interpolate(
            generator,
            seeds_of_row,
            steps=steps,
            batch_size=steps,
            labels=both,
            latents=pair,
        )
        for seeds_of_row, both, pair in zip(
            itertools.pairwise(ends), classes, pairs
        )
    ]
    if output.suffix.lower() == ".gif":
        # The last image of a row is the first one of the next.
        images = np.concatenate([rows[0], *(row[1:] for row in rows[1:])])
        image_grids.save_gif(images, output)
    else:
        images = np.concatenate(rows)
        image_grids.save_png(image_grids.grid(images, columns=steps), output)
    print(f"Wrote {len(images)} images to {output}")


def _classes(text, count):
    """Returns the labels of each row; None for each without any."""
    if text is None:
        return [None] * (count - 1)
    names = [name.strip() for name in text.split(",")]
    if len(names) == 1:
        names *= count
    if len(names) != count:
        raise ValueError(
            f"Expected one class, or {count}, one for each seed, by index if "
            f"a name has a comma. Received: labels={text!r}"
        )
    return [*itertools.pairwise(names)]


def _integers(text):
    try:
        numbers = [int(word) for word in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) < 2:
        raise ValueError(
            f"Expected two or more integers, such as 0,1. Received: seeds={text!r}"
        )
    return numbers
