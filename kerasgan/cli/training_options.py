"""Options of `kerasgan train` that do not change the recipe, and its name."""

from pathlib import Path
from typing import Annotated

import typer

NameOrRecipe = Annotated[
    str,
    typer.Argument(
        metavar="NAME|RECIPE",
        help="An entry of the zoo (see `kerasgan list`), a run folder, or "
        "the path of a recipe (.yaml).",
        show_default=False,
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="Pictures: a folder, a zip, or tfds:NAME. By default what the "
        "recipe says.",
        show_default=False,
    ),
]
TrainingSplit = Annotated[
    str | None,
    typer.Option(
        help="Split of the source to train on, the path of a folder in it, "
        "or all. By default what the recipe says: train, which is everything "
        "where the source has no splits.",
        show_default=False,
    ),
]
HoldOut = Annotated[
    str | None,
    typer.Option(
        metavar="SHARE",
        help="Share of the pictures that the training does not see, such as "
        "5%, for reconstruction and `kerasgan evaluate`. A hash of each file "
        "chooses: adding pictures moves none.",
        show_default=False,
    ),
]
Run = Annotated[
    Path | None,
    typer.Option(
        metavar="RUN",
        help="Folder of the run. By default runs/NAME (of an entry with "
        "other images than its own: named after these), or the run folder "
        "itself where one is named and resumed.",
        show_default=False,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Continue the run in the folder, exactly. The crop and the "
        "name that it has need not be given again.",
    ),
]
Initial = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="NAME|RUN",
        help="Begin with the weights of an entry of the zoo or a run "
        "(fine-tuning), not with fresh ones.",
        show_default=False,
    ),
]
LogEvery = Annotated[
    int, typer.Option(min=1, help="Steps between two lines of log.jsonl.")
]
SampleEvery = Annotated[
    int, typer.Option(min=1, help="Steps between two sample grids.")
]
CheckpointEvery = Annotated[
    int,
    typer.Option(min=1, help="Steps between two checkpoints, and two reports."),
]
Measure = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Numbers about the generator for the log: some of "
        "reconstruction, fid768, fid, diversity, with commas; or none. By "
        "default diversity.",
        show_default=False,
    ),
]
MeasureEvery = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Steps between two measurements. By default 5000.",
        show_default=False,
    ),
]
MeasureData = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE",
        help="Pictures that the training does not see, for reconstruction. "
        "By default what --hold-out holds out, or else the split test of the "
        "training's source.",
        show_default=False,
    ),
]
MeasureSplit = Annotated[
    str | None,
    typer.Option(
        metavar="SPLIT",
        help="Split of --measure-data. By default test, or everything "
        "where it has no splits.",
        show_default=False,
    ),
]
MeasureCount = Annotated[
    int | None,
    typer.Option(
        min=2,
        help="Pictures to reconstruct and samples to draw. By default 128 "
        "pictures, 256 samples for diversity, 2000 for fid768 and fid.",
        show_default=False,
    ),
]
Best = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Keep the networks that are the best by this measure "
        "(reconstruction, fid768 or fid) in RUN/best.",
        show_default=False,
    ),
]
Tensorboard = Annotated[
    bool, typer.Option("--tensorboard", help="Log to RUN/tensorboard, too.")
]
StopUnhealthy = Annotated[
    bool,
    typer.Option(
        "--stop-unhealthy",
        help="Stop where the discriminator's loss has vanished, not only warn.",
    ),
]
