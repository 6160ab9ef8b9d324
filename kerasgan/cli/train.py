"""`kerasgan train`."""

import itertools
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli import recipe_options
from kerasgan.cli.common import ARGUMENTS, DataDir, complete_name
from kerasgan.cli.quiet import import_keras
from kerasgan.data.sources import source_name

_SOURCES = ("--data", "--measure-data")


def command(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|RECIPE",
            autocompletion=complete_name,
            help="An entry of the zoo (see `kerasgan list`), a run folder, or "
            "the path of a recipe (.yaml).",
            show_default=False,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            "-d",
            metavar="SOURCE",
            help="Pictures: a folder, a zip, or tfds:NAME. By default what the "
            "recipe says.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="Split of the source to train on, the path of a folder in it, "
            "or all. By default what the recipe says: train, which is everything "
            "where the source has no splits.",
            show_default=False,
        ),
    ] = None,
    hold_out: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help="Share of the pictures that the training does not see, such as "
            "5%, for reconstruction and `kerasgan evaluate`. A hash of each file "
            "chooses: adding pictures moves none.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="RUN",
            help="Folder of the run. By default runs/NAME (of an entry with "
            "other images than its own: named after these), or the run folder "
            "itself where one is named and resumed.",
            show_default=False,
        ),
    ] = None,
    crop: recipe_options.Crop = None,
    flip: recipe_options.Flip = None,
    image_size: recipe_options.ImageSize = None,
    steps: recipe_options.Steps = None,
    batch_size: recipe_options.BatchSize = None,
    learning_rate: recipe_options.LearningRate = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Continue the run in the folder, exactly. The crop and the "
            "name that it has need not be given again.",
        ),
    ] = False,
    initial: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME|RUN",
            autocompletion=complete_name,
            help="Begin with the weights of an entry of the zoo or a run "
            "(fine-tuning), not with fresh ones.",
            show_default=False,
        ),
    ] = None,
    precision: recipe_options.Precision = None,
    settings: recipe_options.Settings = None,
    log_every: Annotated[
        int, typer.Option(min=1, help="Steps between two lines of log.jsonl.")
    ] = 100,
    sample_every: Annotated[
        int, typer.Option(min=1, help="Steps between two sample grids.")
    ] = 1000,
    checkpoint_every: Annotated[
        int,
        typer.Option(
            min=1, help="Steps between two checkpoints, and two reports."
        ),
    ] = 1000,
    measure: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Numbers about the generator for the log: some of "
            "reconstruction, fid768, fid, diversity, with commas; or none. By "
            "default diversity.",
            show_default=False,
        ),
    ] = None,
    measure_every: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Steps between two measurements. By default 5000.",
            show_default=False,
        ),
    ] = None,
    measure_data: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Pictures that the training does not see, for reconstruction. "
            "By default what --hold-out holds out, or else the split test of the "
            "training's source.",
            show_default=False,
        ),
    ] = None,
    measure_split: Annotated[
        str | None,
        typer.Option(
            metavar="SPLIT",
            help="Split of --measure-data. By default test, or everything "
            "where it has no splits.",
            show_default=False,
        ),
    ] = None,
    measure_count: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Pictures to reconstruct and samples to draw. By default 128 "
            "pictures, 256 samples for diversity, 2000 for fid768 and fid.",
            show_default=False,
        ),
    ] = None,
    best: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Keep the networks that are the best by this measure "
            "(reconstruction, fid768 or fid) in RUN/best.",
            show_default=False,
        ),
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Log to RUN/tensorboard, too.")
    ] = False,
    stop_unhealthy: Annotated[
        bool,
        typer.Option(
            "--stop-unhealthy",
            help="Stop where the discriminator's loss has vanished, not only "
            "warn.",
        ),
    ] = False,
    data_dir: DataDir = None,
):
    """Train a generator and a discriminator by a recipe.

    Ctrl-C stops after the current step and keeps everything; --resume goes on.
    """
    from kerasgan import zoo
    from kerasgan.zoo.adaptation import adapt

    options = {
        "data": data,
        "split": split,
        "hold-out": hold_out,
        "crop": crop,
        "flip": flip,
        "image-size": image_size,
        "batch-size": batch_size,
        "learning-rate": learning_rate,
        "steps": steps,
        "precision": precision,
    }
    plan = adapt(
        name, zoo.recipe(name), options, settings or (), output, resume
    )
    recipe, output = plan.recipe, plan.output

    # What can be refused at once is refused before Keras is imported.
    from kerasgan.data.sources import open_source
    from kerasgan.zoo.build import check_batch
    from kerasgan.zoo.diagnostics import Diagnostics
    from kerasgan.zoo.origin import find_origin
    from kerasgan.zoo.run import check_run, nothing_to_do

    diagnostics = Diagnostics(
        measure=None if measure is None else _names(measure),
        every=measure_every,
        data=measure_data,
        split=measure_split,
        count=measure_count,
        best=best,
        tensorboard=tensorboard,
        stop_unhealthy=stop_unhealthy,
    )
    check_run(output, recipe, resume)
    done = nothing_to_do(output, recipe.training.steps)
    if done is not None:
        print(
            f"Nothing to do: the run in {output} has {done:,} steps, and "
            f"{recipe.training.steps:,} are asked for (--steps)"
        )
        return
    diagnostics.interval(log_every, recipe.training.steps)
    if initial is not None:
        find_origin(initial, recipe)
    if not recipe.data.source.startswith("tfds:"):
        opened = open_source(recipe.data.source, recipe.data.split)
        check_batch(recipe.training, len(opened))
    if measure_data is not None and not measure_data.startswith("tfds:"):
        try:
            open_source(measure_data, measure_split)
        except ValueError as error:
            text = str(error).replace("--split", "--measure-split")
            raise ValueError(text) from error

    idle = diagnostics.idle(recipe.training.steps)
    for line in [f"run: {output}", *plan.notes, *idle]:
        print(line, file=sys.stderr)
    import_keras()
    from kerasgan.zoo.metrics import read_training
    from kerasgan.zoo.train import train

    done = train(
        recipe,
        recipe.data.source,
        output,
        resume=resume,
        initial=initial,
        command=_command(context.meta[ARGUMENTS]),
        data_dir=data_dir,
        log_every=log_every,
        sample_every=sample_every,
        checkpoint_every=checkpoint_every,
        progress=True,
        diagnostics=diagnostics,
    )
    if done:
        print(f"Trained {read_training(output).steps} steps into {output}")
    else:
        print(f"Stopped; go on by the same command with --resume ({output})")
        raise typer.Exit(130)


def _command(arguments):
    """The command line, without the folders of this machine.

    It goes into records that others read.
    """
    words = ["kerasgan"]
    for before, word in itertools.pairwise([None, *arguments]):
        option, equals, value = word.partition("=")
        if before in _SOURCES:
            word = source_name(word)
        elif equals and option in _SOURCES:
            word = f"{option}={source_name(value)}"
        words.append(word)
    return shlex.join(words)


def _names(text):
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return () if names == ("none",) else names
