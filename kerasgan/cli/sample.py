"""`kerasgan sample`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import Name, load_generator, output_file


def command(
    name: Name,
    count: Annotated[
        int | None,
        typer.Option(
            "--count",
            "-n",
            min=1,
            help="Number of images, with --label all of each class. Default: 64, "
            "or 8 of each class.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", "-s", help="The same seed gives the same images."
        ),
    ] = 0,
    truncation: Annotated[
        float | None,
        typer.Option(
            help="Truncate the latents at this many standard deviations: less "
            "variety, fewer failures. Default: no truncation.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS|all",
            help="Class of a conditional model, by name or index, or all: a row "
            "of each. Default: drawn uniformly.",
            show_default=False,
        ),
    ] = None,
    grid: Annotated[
        bool,
        typer.Option(
            "--grid/--no-grid",
            help="One grid of all images, or one file per image.",
        ),
    ] = True,
    columns: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Images in a row of the grid. Default: as square as possible.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="PNG file of the grid (default: samples.png); with --no-grid the "
            "folder of the files (default: samples).",
            show_default=False,
        ),
    ] = None,
):
    """Sample images from a generator."""
    if grid:
        output = output_file(output or "samples.png", ".png")
    else:
        output = output or Path("samples")
        output.mkdir(parents=True, exist_ok=True)

    generator, _ = load_generator(name)

    from kerasgan import sampling
    from kerasgan.utils import image_grids

    every = label == sampling.ALL
    count = count or (8 if every else 64)
    images = sampling.sample(
        generator, count, seed=seed, truncation=truncation, label=label
    )
    if grid:
        columns = columns or (count if every else None)
        image_grids.save_png(image_grids.grid(images, columns), output)
    else:
        digits = max(4, len(str(len(images) - 1)))
        for at, image in enumerate(images):
            image_grids.save_png(image, output / f"{at:0{digits}}.png")
    print(f"Wrote {len(images)} images to {output}")
