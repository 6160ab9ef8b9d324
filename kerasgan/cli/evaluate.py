"""`kerasgan evaluate`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import (
    DataDir,
    Split,
    complete_name,
    output_file,
    print_table,
)
from kerasgan.cli.quiet import import_keras


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|RUN|SAVEDMODEL",
            autocompletion=complete_name,
            help="An entry of the zoo, a run folder, or the folder of a "
            "SavedModel.",
            show_default=False,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            "-d",
            metavar="SOURCE",
            help="Pictures: a folder, a zip, or tfds:NAME. They are cut as the "
            "recipe says. By default the recipe's own source.",
            show_default=False,
        ),
    ] = None,
    metrics: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Some of reconstruction, reconstruction_final, fid768, fid, "
            "kid768, kid, is, prdc768, prdc, swd, diversity; with commas.",
        ),
    ] = "reconstruction,reconstruction_final",
    split: Split = None,
    references: Annotated[
        str | None,
        typer.Option(
            metavar="SPLITS",
            help="Splits whose pictures samples are compared with; with commas. "
            "By default the one that the recipe trains on, or --split where "
            "another source has none of that name.",
            show_default=False,
        ),
    ] = None,
    samples: Annotated[
        int,
        typer.Option(
            "--samples", "-n", min=2, help="How many samples are drawn."
        ),
    ] = 10_000,
    seed: Annotated[
        int, typer.Option("--seed", "-s", help="Seed of the samples.")
    ] = 0,
    repeats: Annotated[
        int,
        typer.Option(
            min=1,
            help="Times that samples are drawn, with the seeds that follow; "
            "numbers are the mean, and their deviation is written beside them.",
        ),
    ] = 1,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Weights of the Inception network (.npz). By default "
            "$KERASGAN_INCEPTION, or the file in the cache.",
            show_default=False,
        ),
    ] = None,
    resize: Annotated[
        str,
        typer.Option(
            metavar="legacy|clean",
            help="How pictures come to the Inception network's size.",
        ),
    ] = "legacy",
    crop: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Pixels of the middle of each picture, for a SavedModel that "
            "no recipe belongs to.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="File to write. By default metrics.json beside the weights.",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Measure anew what was measured before."),
    ] = False,
    data_dir: DataDir = None,
):
    """Measure a generator, and write metrics.json and the card beside it."""
    from kerasgan.data.sources import source_name
    from kerasgan.zoo import measures
    from kerasgan.zoo.catalogue import METRICS
    from kerasgan.zoo.subject import subject

    chosen = _names(metrics)
    for key in chosen:
        measures.find(key)
    measured = subject(name)
    if output is not None:
        output = output_file(output, ".json")
    import_keras()
    from kerasgan import zoo
    from kerasgan.zoo.evaluate import evaluate

    # As a reader can run it: without the folders of this machine.
    arguments = ["kerasgan", "evaluate", Path(name).as_posix()]
    if data is not None:
        arguments += ["--data", source_name(data)]
    said = {
        "metrics": (metrics, ",".join(evaluate.__kwdefaults__["metrics"])),
        "split": (split, None),
        "references": (references, None),
        "samples": (samples, 10_000),
        "seed": (seed, 0),
        "repeats": (repeats, 1),
        "resize": (resize, "legacy"),
        "crop": (crop, None),
    }
    for key, (value, default) in said.items():
        if value != default:
            arguments += [f"--{key}", str(value)]
    found = evaluate(
        name,
        data,
        command=shlex.join(arguments),
        metrics=chosen,
        split=split,
        references=_names(references) if references else None,
        samples=samples,
        seed=seed,
        repeats=repeats,
        weights=weights,
        resize=resize,
        crop=crop,
        output=output,
        fresh=fresh,
        data_dir=data_dir,
        progress=None,
    )
    if output is None and measured.output.name == METRICS and measured.training:
        zoo.write_card(name)
        if zoo.find(name).shipped:
            zoo.write_overview()
    print_table(
        ("metric", "value", "spread", "pictures"),
        [
            (
                item.name.replace("_", " "),
                f"{item.value:.5g}",
                _spread(item.spread),
                _pictures(item.protocol),
            )
            for item in found.metrics
        ],
        right=(1,),
    )
    print(f"Wrote {output or measured.output}")


def _names(text):
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _spread(spread):
    for key in ("std_of_repeats", "standard_error"):
        if key in spread:
            return f"{key.replace('_', ' ')} {spread[key]:.2g}"
    return ""


def _pictures(protocol):
    parts = []
    if "samples" in protocol:
        parts.append(f"{protocol['samples']:,} samples")
    if "images" in protocol:
        split = protocol.get("split")
        parts.append(f"{protocol['images']:,} of {protocol['data']} ({split})")
    return ", ".join(parts)
