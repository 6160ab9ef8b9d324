"""`kerasgan list`."""

from typing import Annotated

import typer

from kerasgan.cli.common import print_table


def command(
    pattern: Annotated[
        str | None,
        typer.Argument(
            help="Only names that match, such as '*-wn-*'.", show_default=False
        ),
    ] = None,
    pretrained: Annotated[
        bool | None,
        typer.Option(
            "--pretrained/--untrained",
            help="Only entries with weights, or only those without.",
            show_default=False,
        ),
    ] = None,
):
    """List the entries of the zoo."""
    from kerasgan import zoo

    names = zoo.list(pattern, pretrained)
    if not names:
        print("No entry of the zoo matches.")
        return
    print_table(
        ("name", "image", "weights", "reconstruction error"),
        [_row(zoo.find(name)) for name in names],
        right=(3,),
    )


def _row(entry):
    from kerasgan import zoo

    height, width, _ = entry.recipe().architecture.image_shape
    weights = "no"
    if entry.pretrained:
        weights = f"{entry.weights_file().stat().st_size / 1e6:.1f} MB"
    metrics = zoo.read_metrics(entry)
    error = metrics and metrics.find("reconstruction_error")
    return (
        entry.name,
        f"{height}x{width}",
        weights,
        f"{error.value:.4f}" if error else "-",
    )
