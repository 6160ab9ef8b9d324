"""`kerasgan train`."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from kerasgan.cli.common import DataDir
from kerasgan.cli.quiet import import_keras


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|RECIPE",
            help="An entry of the zoo (see `kerasgan list`), a run folder, or "
            "the path of a recipe (.yaml).",
            show_default=False,
        ),
    ],
    data: Annotated[
        Optional[str],
        typer.Option(
            metavar="SOURCE",
            help="Pictures: a folder, a zip, or tfds:NAME. By default what the "
            "recipe says.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        Optional[str],
        typer.Option(
            help="Split of the source to train on, the path of a folder in it, "
            "or all. By default what the recipe says: train, which is everything "
            "where the source has no splits.",
            show_default=False,
        ),
    ] = None,
    hold_out: Annotated[
        Optional[str],
        typer.Option(
            metavar="SHARE",
            help="Share of the pictures that the training does not see, such as "
            "5%, for reconstruction and `kerasgan evaluate`. A hash of each file "
            "chooses: adding pictures moves none.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Optional[Path],
        typer.Option(
            metavar="RUN",
            help="Folder of the run. By default runs/NAME, or the run folder "
            "itself where one is named and resumed.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[
        Optional[int],
        typer.Option(
            min=1,
            help="Updates of the generator. By default what the recipe says.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with the run in the folder, exactly."
        ),
    ] = False,
    initial: Annotated[
        Optional[str],
        typer.Option(
            "--from",
            metavar="NAME|RUN",
            help="Begin with the weights of an entry of the zoo or a run "
            "(fine-tuning), not with fresh ones. A weight-normalized ResNet can "
            "begin with those of a DCGAN.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        Optional[str],
        typer.Option(
            help="float32, or mixed_bfloat16 (float32 weights and losses), "
            "which may be faster on processors with AVX512-BF16 and on GPUs.",
            show_default=False,
        ),
    ] = None,
    settings: Annotated[
        Optional[list[str]],
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Another value in the recipe, such as "
            "generator_optimizer.learning_rate=1e-4. May be repeated.",
            show_default=False,
        ),
    ] = None,
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
        Optional[str],
        typer.Option(
            metavar="NAMES",
            help="Numbers about the generator for the log: some of "
            "reconstruction, fid768, fid, diversity, with commas; or none. By "
            "default diversity.",
            show_default=False,
        ),
    ] = None,
    measure_every: Annotated[
        Optional[int],
        typer.Option(
            min=1,
            help="Steps between two measurements. By default 5000.",
            show_default=False,
        ),
    ] = None,
    measure_data: Annotated[
        Optional[str],
        typer.Option(
            metavar="SOURCE",
            help="Pictures that the training does not see, for reconstruction. "
            "By default what --hold-out holds out, or else the split test of the "
            "training's source.",
            show_default=False,
        ),
    ] = None,
    measure_split: Annotated[
        Optional[str],
        typer.Option(
            metavar="SPLIT",
            help="Split of --measure-data. By default test, or everything "
            "where it has no splits.",
            show_default=False,
        ),
    ] = None,
    measure_count: Annotated[
        Optional[int],
        typer.Option(
            min=2,
            help="Pictures to reconstruct and samples to draw. By default 128 "
            "pictures, 256 samples for diversity, 2000 for fid768 and fid.",
            show_default=False,
        ),
    ] = None,
    best: Annotated[
        Optional[str],
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

    recipe = zoo.recipe(name)
    changes = []
    if data is not None:
        changes.append(("data.source", data))
        if name in zoo.list() and data != recipe.data.source:
            changes += _other_pictures(name)
    if split is not None:
        changes.append(("data.split", split))
    if hold_out is not None:
        changes.append(("data.hold_out", hold_out))
    changes += [_setting(text) for text in settings or []]
    if steps is not None:
        changes.append(("training.steps", steps))
    if precision is not None:
        changes.append(("training.precision", precision))
    if changes:
        recipe = recipe.override_all(changes)
    if output is None:
        entry = zoo.find(name) if resume and not _is_recipe(name) else None
        output = (
            Path("runs") / recipe.name
            if entry is None or entry.shipped
            else entry.folder
        )

    # What can be refused at once is refused before Keras is imported.
    from kerasgan.data.sources import open_source
    from kerasgan.zoo.diagnostics import Diagnostics
    from kerasgan.zoo.origin import find_origin
    from kerasgan.zoo.run import check_run
    from kerasgan.zoo.teachers import find_teachers

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
    diagnostics.interval(log_every, recipe.training.steps)
    check_run(output, recipe, resume)
    if initial is not None:
        find_origin(initial, recipe, deeper=True)
    find_teachers(recipe)
    if not recipe.data.source.startswith("tfds:"):
        open_source(recipe.data.source, recipe.data.split)
    if measure_data is not None and not measure_data.startswith("tfds:"):
        try:
            open_source(measure_data, measure_split)
        except ValueError as error:
            text = str(error).replace("--split", "--measure-split")
            raise ValueError(text) from error

    import_keras()
    from kerasgan.zoo.metrics import read_training
    from kerasgan.zoo.train import train

    done = train(
        recipe,
        recipe.data.source,
        output,
        resume=resume,
        initial=initial,
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


def _other_pictures(name):
    """What an entry of the zoo says of its pictures does not hold for others."""
    return [
        ("summary", f"Trained by the recipe of {name} on other pictures"),
        ("data.licence", "not stated"),
        ("data.citation", "not stated"),
        ("data.homepage", None),
        ("licence", "not stated"),
        ("intended_use", "not stated"),
        ("limits", ["not stated"]),
    ]


def _names(text):
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    return () if names == ("none",) else names


def _is_recipe(name):
    return name.endswith((".yaml", ".yml"))


def _setting(text):
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise ValueError(f"expected --set KEY=VALUE. Received: --set {text}")
    return key, value
