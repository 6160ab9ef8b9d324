"""`kerasgan evaluate`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.common import DataDir, Name, Split, UnseenPictures
from kerasgan.cli.common import print_table
from kerasgan.cli.quiet import import_keras


def command(
    name: Name,
    data: UnseenPictures,
    split: Split = None,
    final: Annotated[
        bool,
        typer.Option(
            help="Also measure the reconstruction error after 500 steps, which "
            "takes ten times as long as that after 50."
        ),
    ] = True,
    data_dir: DataDir = None,
):
    """Measure a generator, and write metrics.json and the card beside it."""
    from kerasgan import zoo

    zoo.check_weights(name)
    import_keras()
    from kerasgan.zoo.evaluate import evaluate

    # As a reader can run it: without the folders of this machine.
    arguments = ["kerasgan", "evaluate", name, "--data", Path(data).name]
    arguments += ["--split", split] if split else []
    arguments += [] if final else ["--no-final"]
    metrics = evaluate(
        name,
        data,
        command=shlex.join(arguments),
        split=split,
        final=final,
        data_dir=data_dir,
        progress=None,
    )
    zoo.write_card(name)
    print_table(
        ("metric", "value", "standard error", "steps", "pictures"),
        [
            (
                item.name.replace("_", " "),
                f"{item.value:.5f}",
                f"{item.spread['standard_error']:.5f}",
                str(item.protocol["steps"]),
                str(item.protocol["images"]),
            )
            for item in metrics.metrics
        ],
        right=(1, 2, 3, 4),
    )
    print(f"Wrote {zoo.find(name).folder / zoo.catalogue.METRICS}")
