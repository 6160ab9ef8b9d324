"""`kerasgan neighbours`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli import image_options
from kerasgan.cli.common import (
    DataDir,
    Name,
    output_file,
    print_table,
)
from kerasgan.cli.quiet import import_keras
from kerasgan.utils.source_kinds import SOURCES


def command(
    name: Name,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            "-d",
            metavar="SOURCE",
            help=f"The training images: {SOURCES}. They are cropped as in the recipe. "
            "Default: the recipe's source.",
            show_default=False,
        ),
    ] = None,
    space: Annotated[
        str,
        typer.Option(
            metavar="features|pixels",
            help="What distances are taken between: Inception features, or "
            "16x16 thumbnails (as for `memorized`), which need no network.",
        ),
    ] = "features",
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="Number of samples.")
    ] = 8,
    nearest: Annotated[
        int, typer.Option(min=1, help="Images for each sample.")
    ] = 5,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of the samples.")
    ] = 0,
    split: Annotated[
        str | None,
        typer.Option(
            help="Split of the source, or the path of a folder in it. Default: "
            "the one the recipe trains on, else everything.",
            show_default=False,
        ),
    ] = None,
    weights: image_options.Weights = None,
    resize: image_options.Resize = image_options.RESIZE,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="PNG file. Default: neighbours.png in the run directory; for "
            "a model of the zoo, NAME.neighbours.png in the current folder.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
):
    """Show the training images nearest to samples, to check for memorization.

    One row per sample: the sample, then the real images nearest to it. If they
    show the same image, the generator has memorized it. The file shows real
    images: think of their licence before passing it on.
    """
    from kerasgan.evaluation.inputs import find_measured
    from kerasgan.evaluation.neighbours import check_space, nearest_images
    from kerasgan.zoo.catalogue import find, folder

    check_space(space, weights, resize.value)
    entry = find(name)
    measured = find_measured(entry)
    if output is None:
        file = "neighbours.png"
        own = entry.folder / file
        output = own if entry.is_run else Path(f"{measured.name}.{file}")
    if folder().resolve() in output.resolve().parents:
        raise ValueError(
            "Expected a file outside of the zoo, which holds no real images. "
            f"Received: output={output}"
        )
    output = output_file(output, ".png")
    import_keras()
    neighbours = nearest_images(
        measured,
        data,
        space=space,
        count=count,
        nearest=nearest,
        seed=seed,
        split=split,
        weights=weights,
        resize=resize.value,
        data_dir=data_dir,
    )

    import numpy as np

    from kerasgan.utils import image_grids

    rows = np.concatenate(
        [neighbours.samples[:, None], neighbours.images], axis=1
    )
    grid = image_grids.grid(rows.reshape(-1, *rows.shape[2:]), nearest + 1)
    image_grids.save_png(grid, output)
    _print_table(neighbours)
    print(_protocol(neighbours))
    print(f"Wrote {len(rows)} samples and their nearest images to {output}")


def _print_table(neighbours):
    print_table(
        ("sample", "nearest image", "distance", "next distances"),
        [
            (
                str(sample),
                f"{names[0]}{', mirrored' if mirrored[0] else ''}",
                f"{distances[0]:.4f}",
                " ".join(f"{distance:.4f}" for distance in distances[1:]),
            )
            for sample, (names, mirrored, distances) in enumerate(
                zip(neighbours.names, neighbours.mirrored, neighbours.distances)
            )
        ],
        right=(0, 2),
    )


def _protocol(neighbours):
    from kerasgan.metrics.sample_diversity import SAME

    of = neighbours.protocol
    if of["space"] == "features":
        words = f"Distances of {of['dimensions']} Inception features"
    else:
        same = int((neighbours.distances[:, 0] < SAME).sum())
        words = (
            f"Distances of thumbnails, pixels on [0, 1]: below {SAME}, the same "
            f"image to the eye, are {same} of {len(neighbours.samples)} samples"
        )
    images = f"{of['images']:,} images of {of['data']} ({of['split']})"
    verdict = {
        True: "the training images (by their fingerprint)",
        False: "other images than those of the training (by their fingerprint): "
        "this says nothing about memorization",
        None: "perhaps others than those of the training, which recorded no "
        "fingerprint",
    }[neighbours.trained_on]
    return f"{words}.\n{images}: {verdict}."
