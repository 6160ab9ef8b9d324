"""Options of `kerasgan train` that do not change the recipe, and its name."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.callbacks.measures_table import CHOOSERS, MEASURED
from kerasgan.callbacks.trackers_table import TRACKERS
from kerasgan.cli.common import complete_name
from kerasgan.training.diagnostics import DEFAULT, EVERY
from kerasgan.utils.source_kinds import SOURCES


def _default_counts():
    """Returns the images or samples of the measures, in words."""
    names = {}
    for name, row in MEASURED.items():
        names.setdefault(row.count, []).append(name)
    return ", ".join(
        f"{count} for {' and '.join(of)}" for count, of in names.items()
    )


NameOrRecipe = Annotated[
    str,
    typer.Argument(
        metavar="NAME|RECIPE",
        autocompletion=complete_name,
        help="A model of the zoo (see `kerasgan list`), a run directory, "
        "hf://USER/NAME(@REVISION), or the path of a recipe (.yaml).",
        show_default=False,
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        "-d",
        metavar="SOURCE",
        help=f"Images: {SOURCES}. Default: the recipe's.",
        show_default=False,
    ),
]
TrainingSplit = Annotated[
    str | None,
    typer.Option(
        help="Split of the source to train on, the path of a folder in it, "
        "or all. Default: the recipe's, usually train, which is everything "
        "if the source has no splits.",
        show_default=False,
    ),
]
Labels = Annotated[
    bool,
    typer.Option(
        "--labels",
        help="Train a conditional GAN: each sub-folder of the images is a class "
        "(tfds: sources have a label feature).",
    ),
]
HoldOut = Annotated[
    str | None,
    typer.Option(
        metavar="FRACTION",
        help="Fraction of the images to exclude from training, such as 5%, for "
        "reconstruction and `kerasgan evaluate`. Chosen by a hash of each "
        "file, so adding images moves none.",
        show_default=False,
    ),
]
Run = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="RUN",
        help="Run directory. Default: runs/NAME (named after the images, if "
        "they are not the recipe's own), or the run directory that is "
        "resumed.",
        show_default=False,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Continue the run exactly; `kerasgan train RUN --resume` needs "
        "nothing else.",
    ),
]
Initial = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="NAME|RUN",
        autocompletion=complete_name,
        help="Fine-tune from the weights of a model of the zoo, a run or "
        "hf://USER/NAME instead of fresh ones.",
        show_default=False,
    ),
]
LogEvery = Annotated[
    int, typer.Option(min=1, help="Steps between lines of log.jsonl.")
]
SampleEvery = Annotated[
    int, typer.Option(min=1, help="Steps between sample grids.")
]
CheckpointEvery = Annotated[
    int,
    typer.Option(min=1, help="Steps between checkpoints and reports."),
]
Measure = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Measure the generator during training: one or more of "
        f"{', '.join(MEASURED)}, separated by commas, or none. Default: "
        f"{DEFAULT}.",
        show_default=False,
    ),
]
MeasureEvery = Annotated[
    int | None,
    typer.Option(
        min=1,
        help=f"Steps between measurements. Default: {EVERY}.",
        show_default=False,
    ),
]
MeasureData = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="Images that are not trained on, which reconstruction and FID "
        "compare with. Default: the held-out images, else the split test of the "
        "training's source; for FID the training images.",
        show_default=False,
    ),
]
MeasureSplit = Annotated[
    str | None,
    typer.Option(
        metavar="SPLIT",
        help="Split of --measure-data. Default: test, or everything if it has "
        "no splits.",
        show_default=False,
    ),
]
MeasureCount = Annotated[
    int | None,
    typer.Option(
        min=2,
        help="Number of images to reconstruct and samples to draw. Default: "
        f"{_default_counts()}.",
        show_default=False,
    ),
]
Best = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Keep the best networks by this measure "
        f"({', '.join(CHOOSERS)}) in RUN/best.",
        show_default=False,
    ),
]
Tensorboard = Annotated[
    bool, typer.Option("--tensorboard", help="The same as --track tensorboard.")
]
Track = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Also log numbers, sample grids and the recipe to one or more of "
        f"{', '.join(TRACKERS)}, separated by commas; resumed into the same run. "
        "See docs/trackers.md.",
        show_default=False,
    ),
]
StopUnhealthy = Annotated[
    bool,
    typer.Option(
        "--stop-unhealthy",
        help="Stop if the discriminator's loss vanishes, instead of only "
        "warning.",
    ),
]
Distribute = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="Train on several devices: mirrored (TensorFlow, the GPUs of this "
        "machine), multiworker (TensorFlow, machines by TF_CONFIG) or "
        "data-parallel (JAX, all devices and processes). See docs/scaling.md.",
        show_default=False,
    ),
]
OnDivergence = Annotated[
    str,
    typer.Option(
        metavar="stop|rollback",
        help="If losses or weights explode or are not finite: stop, or return to "
        "the last checkpoint with half the learning rates, five times at most.",
    ),
]
