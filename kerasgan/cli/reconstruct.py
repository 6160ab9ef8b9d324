"""`kerasgan reconstruct`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import (
    DataDir,
    Name,
    Split,
    UnseenPictures,
    load_generator,
    output_file,
)
from kerasgan.cli.quiet import import_keras


def command(
    name: Name,
    data: UnseenPictures = None,
    split: Split = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            "-n",
            min=1,
            help="Only this many pictures, the first ones. All by default.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[
        int,
        typer.Option(
            min=0,
            help="Updates of each latent: 50 for the 'running' error of Xiang "
            "& Li, 500 for the 'final' one.",
        ),
    ] = 50,
    batch_size: Annotated[
        int,
        typer.Option(
            min=1, help="Pictures at once. Changes nothing but the rounding."
        ),
    ] = 32,
    restarts: Annotated[
        int,
        typer.Option(
            min=1,
            help="Descents of each picture, of which the best counts: the first "
            "from 0, as in the paper, the others from random latents.",
        ),
    ] = 1,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of these random latents.")
    ] = 0,
    pairs: Annotated[
        int,
        typer.Option(
            min=1, help="Pairs in the output picture, the first ones."
        ),
    ] = 64,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="PNG file: each picture right above its reconstruction.",
        ),
    ] = Path("pairs.png"),
    errors: Annotated[
        Path | None,
        typer.Option(
            help="Also write each picture's own error, to a .json or .csv file.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
):
    """Measure how well a generator can reach given pictures.

    Prints the mean squared error of the reconstructions, pixels on [0, 1].
    """
    output = output_file(output, ".png")
    if errors is not None:
        errors = output_file(errors, ".json", ".csv")

    from kerasgan import zoo

    recipe = zoo.recipe(name)
    zoo.check_weights(name)
    # Keras is imported when nothing is left to be refused; TFDS imports
    # TensorFlow.
    if (data or recipe.data.source).startswith("tfds:"):
        import_keras()
    prepared = zoo.prepare_unseen(name, data, split, data_dir)
    generator, _ = load_generator(name)

    from kerasgan import pictures
    from kerasgan.metrics import reconstruction_error
    from kerasgan.progress import progress_bar

    images = prepared.images[:limit]
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
        )
    picture = pictures.pairs(images[:pairs], result.reconstructions[:pairs])
    pictures.save_png(picture, output)
    if errors is not None:
        protocol = {"steps": steps}
        if restarts > 1:
            protocol |= {"restarts": restarts, "seed": seed}
        _write_errors(errors, prepared.names, result, protocol)
    starts = f", best of {restarts} starts" if restarts > 1 else ""
    print(
        f"Reconstruction error {result.mean:.5f} "
        f"(mean of {len(images)} pictures, {steps} steps{starts})"
    )
    print(f"Wrote {min(pairs, len(images))} pairs to {output}")


def _write_errors(path, names, result, protocol):
    import csv

    from kerasgan.files import atomic_write

    rows = list(zip(names, result.per_image.tolist()))
    with atomic_write(path, "w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows([("picture", "error"), *rows])
        else:
            content = {
                "mean": result.mean,
                **protocol,
                "errors": dict(rows),
            }
            json.dump(content, file, indent=2)
