"""`kerasgan reconstruct`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import (
    DataDir,
    Name,
    Split,
    UnseenImages,
    output_file,
)
from kerasgan.cli.quiet import import_keras


def command(
    name: Name,
    data: UnseenImages = None,
    split: Split = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-n",
            min=1,
            help="Use only this many images: the first, or the first of each "
            "class. Default: all.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[
        int,
        typer.Option(
            min=0,
            help="Updates of the latents: 50 for the 'running' error of Xiang "
            "& Li, 500 for the 'final' one.",
        ),
    ] = 50,
    batch_size: Annotated[
        int,
        typer.Option(min=1, help="Images per batch. Affects rounding only."),
    ] = 32,
    restarts: Annotated[
        int,
        typer.Option(
            min=1,
            help="Descents per image, of which the best counts: the first "
            "from 0, as in the paper, the others from random latents.",
        ),
    ] = 1,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of these random latents.")
    ] = 0,
    pairs: Annotated[
        int,
        typer.Option(min=1, help="Number of pairs in the output image."),
    ] = 64,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="PNG file: each image above its reconstruction.",
        ),
    ] = Path("pairs.png"),
    errors: Annotated[
        Path | None,
        typer.Option(
            help="Also write the error of each image, to a .json or .csv file.",
            show_default=False,
        ),
    ] = None,
    save_latents: Annotated[
        Path | None,
        typer.Option(
            help="Also write the latents, for sample --latents: to an .npy or "
            ".npz file, for a conditional model to an .npz with the labels.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
):
    """Measure how well a generator reconstructs given images.

    Prints the mean squared error, pixels on [0, 1].
    """
    output = output_file(output, ".png")
    if errors is not None:
        errors = output_file(errors, ".json", ".csv")
    if save_latents is not None:
        save_latents = output_file(save_latents, ".npy", ".npz")

    from kerasgan import zoo
    from kerasgan.data.opened_source import is_tfds
    from kerasgan.zoo.pretrained import load_verified, verify

    entry = zoo.find(name)
    recipe = entry.recipe()
    _check_has_labels(save_latents, recipe)
    verify(entry, recipe)
    # Keras is imported after all checks; TFDS imports TensorFlow.
    if is_tfds(data or recipe.data.source):
        import_keras()
    prepared = zoo.prepare_unseen(entry, data, split, data_dir)
    import_keras()
    generator = load_verified(entry, recipe)

    from kerasgan import sampling
    from kerasgan.metrics import reconstruction_error
    from kerasgan.utils import image_grids
    from kerasgan.utils.classes import spread_rows
    from kerasgan.utils.progress_bars import progress_bar

    images, names, labels = _chosen(prepared, limit)
    shown = slice(pairs) if labels is None else spread_rows(labels, pairs)
    used = sampling.chosen_labels(generator, len(images), seed, 0, labels)
    with progress_bar(
        "Reconstructing", -(-len(images) // batch_size)
    ) as advance:
        result = reconstruction_error(
            generator,
            images,
            steps=steps,
            batch_size=batch_size,
            progress=lambda done, total: advance(),
            restarts=restarts,
            seed=seed,
            labels=used,
        )
    grid = image_grids.pairs(images[shown], result.reconstructions[shown])
    image_grids.save_png(grid, output)
    if save_latents is not None:
        sampling.save_latents(save_latents, result.latents, used)
    if errors is not None:
        protocol = {"steps": steps}
        if restarts > 1:
            protocol |= {"restarts": restarts, "seed": seed}
        _write_errors(errors, names, result, protocol)
    starts = f", best of {restarts} starts" if restarts > 1 else ""
    if labels is None and used is not None:
        print("The images have no labels: their classes are drawn.")
    print(
        f"Reconstruction error {result.mean:.5f} "
        f"(mean of {len(images)} images, {steps} steps{starts})"
    )
    print(f"Wrote {min(pairs, len(images))} pairs to {output}")


def _check_has_labels(path, recipe):
    npy = path is not None and path.suffix.lower() == ".npy"
    if npy and recipe.data.classes is not None:
        raise ValueError(
            "Expected an .npz for the latents of a conditional model: an .npy "
            f"has no labels. Received: save_latents={path}"
        )


def _chosen(prepared, limit):
    """Returns images, names and labels: the first, or of each class the first."""
    from kerasgan.utils.classes import spread_rows

    labels = prepared.labels
    if labels is None or limit is None:
        return prepared.images[:limit], prepared.names, labels
    # They come in the order of their classes.
    rows = spread_rows(labels, limit)
    names = [prepared.names[row] for row in rows]
    return prepared.images[rows], names, labels[rows]


def _write_errors(path, names, result, protocol):
    import csv

    from kerasgan.utils.files import atomic_write

    rows = list(zip(names, result.per_image.tolist()))
    with atomic_write(path, "w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows([("image", "error"), *rows])
        else:
            content = {
                "mean": result.mean,
                **protocol,
                "errors": dict(rows),
            }
            json.dump(content, file, indent=2)
