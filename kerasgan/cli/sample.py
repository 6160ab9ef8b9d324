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
            help="Cut the latents off at this many standard deviations: less "
            "variety, fewer failures. Not cut off by default.",
            show_default=False,
        ),
    ] = None,
    grid: Annotated[
        bool,
        typer.Option(
            "--grid/--no-grid", help="One picture of all, or a file for each."
        ),
    ] = True,
    columns: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Pictures in a row of the grid. As square as it can be by default.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The PNG file of the grid, by default samples.png; with "
            "--no-grid the folder of the files, by default samples.",
            show_default=False,
        ),
    ] = None,
):
    """Draw pictures from a generator."""
    if grid:
        output = output_file(output or "samples.png", ".png")
    else:
        output = output or Path("samples")
        output.mkdir(parents=True, exist_ok=True)

    generator, _ = load_generator(name)

    from kerasgan import pictures, sampling

    images = sampling.sample(generator, count, seed=seed, truncation=truncation)
    if grid:
        pictures.save_png(pictures.grid(images, columns), output)
    else:
        digits = max(4, len(str(count - 1)))
        for at, image in enumerate(images):
            pictures.save_png(image, output / f"{at:0{digits}}.png")
    print(f"Wrote {count} pictures to {output}")
