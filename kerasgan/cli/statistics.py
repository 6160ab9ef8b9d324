"""`kerasgan statistics`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli import image_options
from kerasgan.cli.common import DataDir, output_file
from kerasgan.cli.quiet import import_keras


def command(
    images: image_options.Images,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="The .npz file to write."),
    ] = Path("statistics.npz"),
    features: Annotated[
        int,
        typer.Option(help="2048 for FID, 768 for FID-768.", metavar="2048|768"),
    ] = 2048,
    split: image_options.Split = "all",
    image_size: image_options.ImageSize = None,
    weights: image_options.Weights = None,
    resize: image_options.Resize = image_options.RESIZE,
    data_dir: DataDir = None,
):
    """Save the statistics of images, for `kerasgan measure --against`."""
    from kerasgan.callbacks.measures_table import FRECHET
    from kerasgan.metrics.inception.dimensions import FEATURES

    kinds = {FEATURES[kind]: kind for kind in FRECHET}
    if features not in kinds:
        raise ValueError(
            f"Expected one of {', '.join(map(str, kinds))}. "
            f"Received: features={features}"
        )
    output = output_file(output, ".npz")
    from kerasgan.data.sources import open_source
    from kerasgan.evaluation.image_sets import image_statistics

    opened = open_source(images, split, data_dir)
    import_keras()
    result = image_statistics(
        opened,
        kinds[features],
        split=split,
        image_size=image_size,
        weights=weights,
        resize=resize.value,
        data_dir=data_dir,
    )
    result.save(output)
    print(f"Wrote {output}: {features} features of {result.count:,} images")
