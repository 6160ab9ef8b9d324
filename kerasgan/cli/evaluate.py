"""`kerasgan evaluate`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.callbacks.measures_table import MEASURES
from kerasgan.cli import image_options
from kerasgan.cli.common import (
    DataDir,
    Split,
    complete_name,
    names,
    output_file,
    print_table,
)
from kerasgan.cli.quiet import import_keras
from kerasgan.evaluation import defaults
from kerasgan.utils.source_kinds import SOURCES


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|RUN|SAVEDMODEL",
            autocompletion=complete_name,
            help="A model of the zoo, a run directory, hf://USER/NAME, or the "
            "folder of a SavedModel.",
            show_default=False,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            "-d",
            metavar="SOURCE",
            help=f"Images: {SOURCES}. They are cropped as in the recipe. "
            "Default: the recipe's source.",
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help=f"One or more of {', '.join(MEASURES)}; separated by commas.",
        ),
    ] = ",".join(defaults.METRICS),
    split: Split = None,
    references: Annotated[
        str | None,
        typer.Option(
            metavar="SPLITS",
            help="Splits whose images the samples are compared with, separated by "
            "commas. Default: the split that the recipe trains on, or --split "
            "if another source has no split of that name.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples", "-n", min=2, help="How many samples are drawn."
        ),
    ] = defaults.SAMPLES,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of the samples.")
    ] = defaults.SEED,
    repeats: Annotated[
        int,
        typer.Option(
            min=1,
            help="Repeat with as many consecutive seeds; reports the mean and the "
            "standard deviation.",
        ),
    ] = defaults.REPEATS,
    weights: image_options.Weights = None,
    resize: image_options.Resize = image_options.RESIZE,
    crop: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Crop each image to its central pixels, this many, for a "
            "SavedModel without a recipe.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write. Default: metrics.json in the model's folder; "
            "for hf://USER/NAME, a file in the current folder.",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Ignore cached results and recompute."),
    ] = False,
    data_dir: DataDir = None,
):
    """Measure a generator; write its metrics.json and model card."""
    from kerasgan.evaluation import measures
    from kerasgan.evaluation.inputs import find_measured
    from kerasgan.zoo.catalogue import METRICS

    chosen = names(metrics)
    for key in chosen:
        measures.find(key)
    measured = find_measured(name)
    if output is not None:
        output = output_file(output, ".json")
    import_keras()
    from kerasgan import zoo
    from kerasgan.evaluation.evaluator import evaluate

    options = {
        "metrics": (metrics, ",".join(defaults.METRICS)),
        "split": (split, None),
        "references": (references, None),
        "samples": (samples, defaults.SAMPLES),
        "seed": (seed, defaults.SEED),
        "repeats": (repeats, defaults.REPEATS),
        "resize": (resize.value, defaults.RESIZE),
        "crop": (crop, None),
    }
    result = evaluate(
        measured,
        data,
        command=_command_line(name, data, options),
        metrics=chosen,
        split=split,
        references=names(references) if references else None,
        samples=samples,
        seed=seed,
        repeats=repeats,
        weights=weights,
        resize=resize.value,
        crop=crop,
        output=output,
        fresh=fresh,
        data_dir=data_dir,
        progress=None,
    )
    if output is None and measured.output.name == METRICS and measured.training:
        entry = zoo.find(name)
        zoo.write_card(name)
        if entry.shipped:
            zoo.write_overview()
    _print_metrics(result.metrics)
    _print_classes(result.metrics)
    print(f"Wrote {output or measured.output}")


def _command_line(name, data, options):
    """Returns a command that others can run: without this machine's folders.

    Args:
        name, data: as of `command`.
        options: name -> (value, default).
    """
    from kerasgan.data.sources import source_name
    from kerasgan.zoo.hub import is_reference

    if not is_reference(name):
        name = Path(name).as_posix()
    words = ["kerasgan", "evaluate", name]
    if data is not None:
        words += ["--data", source_name(data)]
    for option, (value, default) in options.items():
        if value != default:
            words += [f"--{option}", str(value)]
    return shlex.join(words)


def _print_metrics(metrics):
    """Prints a table of the measurements, a row each."""
    from kerasgan.zoo.metric_names import name_in_words, scaled

    print_table(
        ("metric", "value", "spread", "images"),
        [
            (
                name_in_words(item.name),
                f"{item.value:.5g}",
                _spread(item.spread),
                _images(item.protocol),
            )
            for item in map(scaled, metrics)
        ],
        right=(1,),
    )


def _print_classes(metrics):
    """Prints a table of the classes, a row each, for each split of real images."""
    from kerasgan.zoo.metric_names import name_in_words, scaled

    tables = {}
    for item in map(scaled, metrics):
        if item.classes:
            tables.setdefault(_images(item.protocol), []).append(item)
    for images, items in tables.items():
        print(f"\nBy class, {images}:")
        print_table(
            (
                *("class", "samples", "images"),
                *(name_in_words(item.name) for item in items),
            ),
            [
                (
                    name,
                    f"{numbers['samples']:g}",
                    f"{numbers['images']:g}",
                    *(_number(item.classes.get(name, {})) for item in items),
                )
                for name, numbers in items[0].classes.items()
            ],
            right=range(1, 3 + len(items)),
        )


def _number(numbers):
    return f"{numbers['value']:.5g}" if "value" in numbers else "-"


def _spread(spread):
    for key in ("std_of_repeats", "standard_error"):
        if key in spread:
            return f"{key.replace('_', ' ')} {spread[key]:.2g}"
    return ""


def _images(protocol):
    parts = []
    if "samples" in protocol:
        parts.append(f"{protocol['samples']:,} samples")
    if "images" in protocol:
        split = protocol.get("split")
        parts.append(f"{protocol['images']:,} of {protocol['data']} ({split})")
    return ", ".join(parts)
