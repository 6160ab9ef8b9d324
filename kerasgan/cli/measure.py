"""`kerasgan measure`."""

import json
import textwrap
from typing import Annotated, Any

import typer

from kerasgan.cli import image_options
from kerasgan.cli.common import DataDir, names, print_table
from kerasgan.cli.quiet import import_keras
from kerasgan.evaluation.measures import OF_IMAGES


def command(
    images: image_options.Images,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            "-a",
            metavar="IMAGES|STATISTICS",
            help="Images to compare with, or statistics: an .npz of `kerasgan "
            "statistics`, pytorch-fid or clean-fid, a .pt of torch-fidelity.",
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            "--metrics",
            metavar="NAMES",
            help=f"Some of {', '.join(OF_IMAGES)}; "
            "separated by commas. Default: fid,kid, or fid768,kid768 if the "
            "weights file has only the layers up to the 768 features.",
            show_default=False,
        ),
    ] = None,
    split: image_options.Split = "all",
    against_split: Annotated[
        str, typer.Option(help="Split or folder of --against.")
    ] = "all",
    image_size: image_options.ImageSize = None,
    weights: image_options.Weights = None,
    resize: image_options.Resize = image_options.RESIZE,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print numbers and protocol as JSON.")
    ] = False,
    data_dir: DataDir = None,
):
    """Measure images against others: FID, KID, precision and recall, ..."""
    from kerasgan.data.sources import open_source
    from kerasgan.evaluation.image_sets import check_metrics, measure
    from kerasgan.zoo.metric_names import label, scaled

    chosen = None
    if metrics is not None:
        chosen = names(metrics)
        check_metrics(chosen, against)
    # What is wrong with the images is said before Keras is imported.
    opened = open_source(images, split, data_dir)
    import_keras()
    measurements = measure(
        opened,
        against,
        chosen,
        split=split,
        against_split=against_split,
        image_size=image_size,
        weights=weights,
        resize=resize.value,
        data_dir=data_dir,
    )
    if as_json:
        print(
            json.dumps([item.model_dump() for item in measurements], indent=2)
        )
        return
    print_table(
        ("metric", "value", "spread"),
        [
            (
                label(item.name),
                f"{item.value:.5g}",
                ", ".join(f"{k} {v:.2g}" for k, v in item.spread.items()),
            )
            for item in map(scaled, measurements)
        ],
        right=(1,),
    )
    # The first metric may have no network, or nothing to compare with.
    protocol: dict[str, Any] = {}
    for item in measurements:
        protocol |= item.protocol
    print(textwrap.fill(_protocol(protocol), 80))


def _protocol(protocol):
    of = "statistics" if "statistics" in protocol else "data"
    words = f"{protocol['measured_images']:,} images of {protocol['measured']}"
    if protocol.get(of):
        count = protocol.get("images")
        images = f"{count:,} images of " if count else "the statistics "
        words += f" against {images}{protocol[of]}"
    if "network" in protocol:
        words += (
            f"; {protocol['network']}, {protocol['inception_resize']} resize"
        )
    return words
