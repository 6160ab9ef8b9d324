"""`kerasgan list`."""

import json
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
            help="Only models with weights, or only those without.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print JSON: one object per model, with licences."
        ),
    ] = False,
):
    """List the models of the zoo with their numbers."""
    from kerasgan import zoo
    from kerasgan.zoo.metric_names import label

    names = zoo.list(pattern, pretrained)
    entries = [_entry(zoo.find(name)) for name in names]
    if as_json:
        print(json.dumps(entries, indent=2))
        return
    if not entries:
        print("No model of the zoo matches.")
        return
    print_table(
        ("name", "data set", "network", "size", "error", label("fid768")),
        [_row(entry) for entry in entries],
        right=(4, 5),
    )
    print("error: reconstruction error on unseen images")


def _entry(entry):
    from kerasgan import zoo
    from kerasgan.data.opened_source import TFDS

    recipe, metrics = entry.recipe(), zoo.read_metrics(entry)
    weights = entry.weights_file() if entry.pretrained else None
    classes = recipe.data.classes

    def number(*key):
        item = metrics and metrics.find(*key)
        return item.value if item else None

    return {
        "name": entry.name,
        "summary": recipe.summary,
        "dataset": recipe.data.source.removeprefix(TFDS),
        "network": recipe.architecture.kind,
        "normalization": recipe.architecture.normalization,
        "image_shape": list(recipe.architecture.image_shape),
        "num_classes": len(classes) if classes else None,
        "pretrained": entry.pretrained,
        "generator_parameters": weights and _parameters(weights),
        "weights_bytes": weights and weights.stat().st_size,
        "reconstruction_error": number("reconstruction_error"),
        "fid768": number("fid768", "train"),
        "licence": recipe.licence,
        **({"classes": classes} if classes else {}),
    }


def _parameters(path):
    # Keras would know, too, but takes seconds to be imported.
    import h5py

    sizes = []

    def add(name, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
            sizes.append(item.size)

    try:
        with h5py.File(path, "r") as file:
            file.visititems(add)
    except OSError:  # `kerasgan sample` reports what is wrong with the file.
        return None
    return sum(sizes)


def _row(entry):
    height, width, _ = entry["image_shape"]
    error = _number(entry["reconstruction_error"], 4)
    return (
        entry["name"],
        entry["dataset"],
        entry["network"],
        f"{height}x{width}",
        error if entry["pretrained"] else "untrained",
        _number(entry["fid768"], 3),
    )


def _number(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"
