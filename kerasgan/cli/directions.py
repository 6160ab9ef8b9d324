"""`kerasgan directions`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli import latent_options
from kerasgan.cli.common import Name, find_entry, load_generator, output_file


def command(
    name: Name,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="Number of directions.")
    ] = 8,
    method: latent_options.Method = None,
    amount: latent_options.Amount = None,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of the latent.")
    ] = 0,
    label: Annotated[
        str | None,
        typer.Option(
            metavar="CLASS",
            help="Class of a conditional model. Default: drawn.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="PNG file of the strips.")
    ] = Path("directions.png"),
):
    """Show what the strongest latent directions change: one strip of images each."""
    amounts = latent_options.amounts(amount)
    method = latent_options.method_name(method)
    output = output_file(output, ".png")
    generator = load_generator(*find_entry(name))

    import numpy as np

    from kerasgan import sampling
    from kerasgan.utils import image_grids

    z = sampling.latents(1, sampling.latent_size(generator), seed)
    strips = [
        sampling.traverse(generator, z, direction, amounts, seed, label)
        for direction in sampling.directions(generator, method, count)
    ]
    images = np.concatenate(strips)
    images = images.reshape(-1, *images.shape[2:])
    image_grids.save_png(image_grids.grid(images, len(amounts)), output)
    print(f"Wrote strips of {count} directions to {output}")
