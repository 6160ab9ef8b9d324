"""`kerasgan export`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from kerasgan.cli.common import Name, load_generator


def command(
    name: Name,
    output: Annotated[
        Path,
        typer.Option(
            help="Folder of SavedModels: NAME/VERSION is made in it, which is "
            "what TensorFlow Serving expects."
        ),
    ] = Path("savedmodels"),
    version: Annotated[
        Optional[int],
        typer.Option(
            min=1,
            help="Version number. By default the next one that is free.",
            show_default=False,
        ),
    ] = None,
):
    """Write a generator as a SavedModel, which is loaded without kerasgan."""
    generator, recipe = load_generator(name)

    from kerasgan import serving

    path = serving.export(generator, output, name=recipe.name, version=version)
    print(f"Wrote the SavedModel {path}")
