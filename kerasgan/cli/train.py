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

_SOURCES = ("-d", "--data", "--measure-data")


def command(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|RECIPE",
            autocompletion=complete_name,
            help="A model of the zoo (see `kerasgan list`), a run directory, or "
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
            help="Images: a folder, a zip, or tfds:NAME. Default: the recipe's.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="Split of the source to train on, the path of a folder in it, "
            "or all. Default: the recipe's, usually train, which is everything "
            "if the source has no splits.",
            show_default=False,
        ),
    ] = None,
    hold_out: Annotated[
        str | None,
        typer.Option(
            metavar="FRACTION",
            help="Fraction of the images to exclude from training, such as 5%, for "
            "reconstruction and `kerasgan evaluate`. Chosen by a hash of each "
            "file, so adding images moves none.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
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
            help="Continue the run in the folder, exactly. Its name and crop need "
            "not be repeated.",
        ),
    ] = False,
    initial: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="NAME|RUN",
            autocompletion=complete_name,
            help="Fine-tune from the weights of a model of the zoo or a run "
            "instead of fresh ones.",
            show_default=False,
        ),
    ] = None,
    precision: recipe_options.Precision = None,
    settings: recipe_options.Settings = None,
    log_every: Annotated[
        int, typer.Option(min=1, help="Steps between lines of log.jsonl.")
    ] = 100,
    sample_every: Annotated[
        int, typer.Option(min=1, help="Steps between sample grids.")
    ] = 1000,
    checkpoint_every: Annotated[
        int,
        typer.Option(min=1, help="Steps between checkpoints and reports."),
    ] = 1000,
    measure: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Measure the generator during training: one or more of "
            "reconstruction, fid768, fid, diversity, separated by commas, or "
            "none. Default: diversity.",
            show_default=False,
        ),
    ] = None,
    measure_every: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Steps between measurements. Default: 5000.",
            show_default=False,
        ),
    ] = None,
    measure_data: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE",
            help="Images that are not trained on, for reconstruction. Default: the "
            "held-out images, else the split test of the training's source.",
            show_default=False,
        ),
    ] = None,
    measure_split: Annotated[
        str | None,
        typer.Option(
            metavar="SPLIT",
            help="Split of --measure-data. Default: test, or everything if it has "
            "no splits.",
            show_default=False,
        ),
    ] = None,
    measure_count: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Number of images to reconstruct and samples to draw. Default: "
            "128 images, 256 samples for diversity, 2000 for fid768 and fid.",
            show_default=False,
        ),
    ] = None,
    best: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Keep the best networks by this measure (reconstruction, fid768 "
            "or fid) in RUN/best.",
            show_default=False,
        ),
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also log to RUN/tensorboard.")
    ] = False,
    stop_unhealthy: Annotated[
        bool,
        typer.Option(
            "--stop-unhealthy",
            help="Stop if the discriminator's loss vanishes, instead of only "
            "warning.",
        ),
    ] = False,
    data_dir: DataDir = None,
):
    """Train a GAN by a recipe.

    Ctrl-C stops after the current step and keeps everything; --resume continues.
    """
    from kerasgan import zoo
    from kerasgan.training.plan import adapt

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

    # Everything that can be checked is checked before Keras is imported.
    from kerasgan.data.sources import open_source
    from kerasgan.recipes.build import check_batch
    from kerasgan.training.diagnostics import Diagnostics
    from kerasgan.training.initial_weights import find_origin
    from kerasgan.training.run_directory import check_run, nothing_to_do

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
            f"{recipe.training.steps:,} are requested (--steps)"
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
    from kerasgan.training.trainer import train
    from kerasgan.zoo.records import read_training

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
        print(
            f"Stopped; continue with the same command and --resume ({output})"
        )
        raise typer.Exit(130)


def _command(arguments):
    """Returns the command line without the folders of this machine.

    It is part of records that others read.
    """
    from kerasgan.data.sources import source_name

    words = ["kerasgan"]
    for before, word in itertools.pairwise([None, *arguments]):
        option, equals, value = word.partition("=")
        if before in _SOURCES:
            word = source_name(word)
        elif equals and option in _SOURCES:
            word = f"{option}={source_name(value)}"
        elif word.startswith("-d"):
            word = f"-d{source_name(word[2:])}" if word[2:] else word
        words.append(word)
    return shlex.join(words)


def _names(text):
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return () if names == ("none",) else names
