"""`kerasgan export`."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import Name, find_entry, load_generator


class Format(enum.StrEnum):
    savedmodel = "savedmodel"
    onnx = "onnx"
    litert = "litert"


class Weights(enum.StrEnum):
    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"


def command(
    name: Name,
    format: Annotated[
        Format,
        typer.Option(
            help="A SavedModel for TensorFlow Serving, or one file: ONNX "
            "(browsers, onnxruntime) or LiteRT (phones)."
        ),
    ] = Format.savedmodel,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Folder of SavedModels, in which NAME/VERSION is created, as "
            "TensorFlow Serving expects; or the file, or its folder. Default: "
            "savedmodels, or NAME.onnx or NAME.tflite. A run is named after its "
            "directory, here as in `kerasgan serve`.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Version number of a SavedModel. Default: the next free one.",
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
    """Export a generator so that it loads without kerasgan."""
    entry, recipe = find_entry(name)
    if format is not Format.savedmodel:
        if version is not None or batched:
            raise ValueError(
                "--version and --batched are for SavedModels. "
                f"Received: --format {format.value}"
            )
        _export_file(entry, recipe, format.value, output, weights.value)
        return
    from kerasgan.serving.exports.file_formats import by_suffix

    suggested = output and by_suffix(output)
    if suggested:
        raise ValueError(
            f"{output} is no folder of SavedModels: add --format {suggested}"
        )
    generator = load_generator(entry, recipe)
    name = entry.model_name

    from kerasgan import serving

    path = serving.export(
        generator,
        output or Path("savedmodels"),
        name=f"{name}-batched" if batched else name,
        version=version,
        weights=weights.value,
        batched=batched,
        documents=_documents(entry, recipe),
    )
    print(f"Wrote the SavedModel {path}")


def _export_file(entry, recipe, format, output, weights):
    from kerasgan.serving.exports.file_formats import (
        FORMATS,
        check_weights,
        check_writer,
        new_file,
    )

    row = FORMATS[format]
    output, name = output or Path(), entry.model_name
    if output.is_dir():
        output /= f"{name}{row.suffix}"
    check_weights(weights)
    check_writer(format)
    new_file(output, format)
    generator = load_generator(entry, recipe)

    from kerasgan import serving

    path = serving.export_file(
        generator,
        output,
        format,
        weights=weights,
        name=name,
        licence=_documents(entry, recipe)["LICENSE"],
    )
    print(f"Wrote the {row.title} model {path}")


def _documents(entry, recipe):
    """Returns the card and its image, if they exist, and the licence."""
    from kerasgan import zoo
    from kerasgan.serving.exports import export_origin
    from kerasgan.zoo.formatting import licence
    from kerasgan.zoo.records import find_training

    folder = entry.folder
    documents = {
        file: (folder / file).read_bytes()
        for file in (zoo.catalogue.CARD, "samples.png")
        if (folder / file).is_file()
    }
    documents[export_origin.FILE] = export_origin.describe(entry)
    # Only weights and a recipe are needed for an export.
    documents["LICENSE"] = (
        f"Weights: {licence(recipe, find_training(folder))}\n"
        f"Training data: {recipe.data.licence}\n"
    )
    return documents
