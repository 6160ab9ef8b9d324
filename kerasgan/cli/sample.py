"""`kerasgan sample`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli import latent_options
from kerasgan.cli.common import Name, find_entry, load_generator, output_file


def command(
    name: Name,
    count: Annotated[
        int | None,
        typer.Option(
            "--count",
            "-n",
            min=1,
            help="Number of images, with --label all per class. Default: 64, "
            "or 8 per class.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            "-s",
            help="The same seed gives the same images. Default: 0.",
            show_default=False,
        ),
    ] = None,
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
            help="Class of a conditional model, by name or index, or all: one row "
            "per class. Default: drawn uniformly.",
            show_default=False,
        ),
    ] = None,
    latents: latent_options.Latents = None,
    direction: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Move each latent along this direction of `kerasgan "
            "directions`, counted from 0: one row of images per latent.",
            show_default=False,
        ),
    ] = None,
    amount: latent_options.Amount = None,
    method: latent_options.Method = None,
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
    amounts = latent_options.amounts(amount)
    if direction is None and (amount, method) != (None, None):
        raise ValueError(
            "Expected --direction with --amount or --method. "
            f"Received: amount={amount}, method={method}, direction=None"
        )
    method = latent_options.method_name(method)
    entry, recipe = find_entry(name)
    latent_options.check_direction(recipe, direction)
    _check_pair("latents", latents, "truncation", truncation)
    _check_pair("columns", columns, "no-grid", None if grid else True)
    z = None
    if latents is not None:
        z, labels, conditional = latent_options.read(recipe, latents)
        z, labels = _first(z, labels, count)
        label = labels if label is None else label
        if not conditional or label is not None:
            # Otherwise classes are drawn by it.
            _check_pair("latents", latents, "seed", seed)
    if grid:
        output = output_file(output or "samples.png", ".png")
    else:
        output = output or Path("samples")
        output.mkdir(parents=True, exist_ok=True)

    generator = load_generator(entry, recipe)

    from kerasgan import sampling
    from kerasgan.utils import image_grids

    every = isinstance(label, str) and label == sampling.ALL
    count = len(z) if z is not None else count
    count = count or (8 if every or direction is not None else 64)
    if direction is None:
        images = sampling.sample(
            generator,
            None if z is not None else count,
            seed=seed or 0,
            truncation=truncation,
            label=label,
            latents=z,
        )
    else:
        if z is None:
            width = sampling.latent_size(generator)
            z = sampling.latents(count, width, seed or 0, truncation)
        directions = sampling.directions(generator, method, direction + 1)
        images = sampling.traverse(
            generator, z, directions[direction], amounts, seed or 0, label
        )
        images = images.reshape(-1, *images.shape[2:])
        columns = columns or len(amounts)
    if grid:
        columns = columns or (count if every else None)
        image_grids.save_png(image_grids.grid(images, columns), output)
    else:
        digits = max(4, len(str(len(images) - 1)))
        for at, image in enumerate(images):
            image_grids.save_png(image, output / f"{at:0{digits}}.png")
    print(f"Wrote {len(images)} images to {output}")


def _check_pair(first, value, second, other):
    """Raises a ValueError if both of two options were given."""
    if value is not None and other is not None:
        raise ValueError(
            f"Expected --{first} or --{second}, not both. "
            f"Received: {first}={value}, {second}={other}"
        )


def _first(z, labels, count):
    """Returns the first latents and labels of a file; all without a count."""
    if count is not None and count > len(z):
        raise ValueError(
            f"Expected a --count of at most {len(z)}, as many latents as the "
            f"file has. Received: count={count}"
        )
    return z[:count], None if labels is None else labels[:count]
