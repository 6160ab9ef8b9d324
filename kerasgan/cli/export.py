"""`kerasgan export`."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import Name, load_generator


class Weights(str, enum.Enum):
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
            help="Folder of SavedModels: NAME/VERSION is made in it, which is "
            "what TensorFlow Serving expects.",
        ),
    ] = Path("savedmodels"),
    version: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Version number. By default the next one that is free.",
            show_default=False,
        ),
    ] = None,
    weights: Annotated[
        Weights,
        typer.Option(
            help="How weights are stored. The 16 bit formats take half the "
            "space; it is computed in float32 anyway."
        ),
    ] = Weights.float32,
    batched: Annotated[
        bool,
        typer.Option(
            "--batched",
            help="Write NAME-batched, of which TensorFlow Serving batches "
            "concurrent requests. It takes latents alone.",
        ),
    ] = False,
):
    """Write a generator as a SavedModel, which is loaded without kerasgan."""
    generator, recipe = load_generator(name)

    from kerasgan import serving

    path = serving.export(
        generator,
        output,
        name=f"{recipe.name}-batched" if batched else recipe.name,
        version=version,
        weights=weights.value,
        batched=batched,
        documents=_documents(name, recipe),
    )
    print(f"Wrote the SavedModel {path}")


def _documents(name, recipe):
    """The card with its picture, if there are any, and the licence."""
    from kerasgan import zoo
    from kerasgan.serving import made_of
    from kerasgan.zoo.card import licence
    from kerasgan.zoo.metrics import read_training

    folder = zoo.find(name).folder
    documents = {
        file: (folder / file).read_bytes()
        for file in (zoo.catalogue.CARD, "samples.png")
        if (folder / file).is_file()
    }
    documents[made_of.FILE] = made_of.describe(zoo.find(name))
    try:
        record = read_training(folder)
    except ValueError:
        record = None  # Only weights and a recipe are needed for an export.
    documents["LICENSE"] = (
        f"Weights: {licence(recipe, record)}\n"
        f"Training data: {recipe.data.licence}\n"
    )
    return documents
