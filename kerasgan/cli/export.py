"""`kerasgan export`."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import Name, load_generator


class Weights(enum.StrEnum):
    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


def command(
    name: Name,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="Folder of SavedModels. NAME/VERSION is created in it, as "
            "TensorFlow Serving expects.",
        ),
    ] = Path("savedmodels"),
    version: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Version number. Default: the next free one.",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        Weights,
        typer.Option(
            help="Format of the stored weights. 16 bits take half the space; "
            "computation is in float32 either way."
        ),
    ] = Weights.float32,
    batched: Annotated[
        bool,
        typer.Option(
            "--batched",
            help="Write NAME-batched, for which TensorFlow Serving batches "
            "concurrent requests. It accepts latents only.",
        ),
    ] = False,
):
    """Export a generator as a SavedModel that loads without kerasgan."""
    from kerasgan.zoo.catalogue import find

    entry = find(name)
    generator, recipe = load_generator(entry)

    from kerasgan import serving

    path = serving.export(
        generator,
        output,
        name=f"{recipe.name}-batched" if batched else recipe.name,
        version=version,
        weights=weights.value,
        batched=batched,
        documents=_documents(entry, recipe),
    )
    print(f"Wrote the SavedModel {path}")


def _documents(entry, recipe):
    """Returns the card and its image, if they exist, and the licence."""
    from kerasgan import zoo
    from kerasgan.serving import made_of
    from kerasgan.zoo.formatting import licence
    from kerasgan.zoo.records import read_training

    folder = entry.folder
    documents = {
        file: (folder / file).read_bytes()
        for file in (zoo.catalogue.CARD, "samples.png")
        if (folder / file).is_file()
    }
    documents[made_of.FILE] = made_of.describe(entry)
    try:
        record = read_training(folder)
    except ValueError:
        record = None  # Only weights and a recipe are needed for an export.
    documents["LICENSE"] = (
        f"Weights: {licence(recipe, record)}\n"
        f"Training data: {recipe.data.licence}\n"
    )
    return documents
