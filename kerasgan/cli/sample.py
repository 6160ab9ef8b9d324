"""`kerasgan sample`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import Name, load_generator, output_file


def command(
    name: Name,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="Number of images.")
    ] = 64,
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

    images = sampling.sample(generator, count, seed=seed, truncation=truncation)
    if grid:
        image_grids.save_png(image_grids.grid(images, columns), output)
    else:
        digits = max(4, len(str(count - 1)))
        for at, image in enumerate(images):
            image_grids.save_png(image, output / f"{at:0{digits}}.png")
    print(f"Wrote {count} images to {output}")
