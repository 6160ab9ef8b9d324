"""`kerasgan train`."""

import dataclasses
import sys

import typer

from kerasgan.cli import recipe_options, training_options
from kerasgan.cli.common import ARGUMENTS, DataDir, names, recorded_command
from kerasgan.cli.quiet import import_keras


def command(
    context: typer.Context,
    name: training_options.NameOrRecipe,
    data: training_options.Data = None,
    split: training_options.TrainingSplit = None,
    labels: training_options.Labels = False,
    hold_out: training_options.HoldOut = None,
    output: training_options.Run = None,
    crop: recipe_options.Crop = None,
    flip: recipe_options.Flip = None,
    image_size: recipe_options.ImageSize = None,
    steps: recipe_options.Steps = None,
    batch_size: recipe_options.BatchSize = None,
    learning_rate: recipe_options.LearningRate = None,
    resume: training_options.Resume = False,
    initial: training_options.Initial = None,
    precision: recipe_options.Precision = None,
    settings: recipe_options.Settings = None,
    log_every: training_options.LogEvery = 100,
    sample_every: training_options.SampleEvery = 1000,
    checkpoint_every: training_options.CheckpointEvery = 1000,
    measure: training_options.Measure = None,
    measure_every: training_options.MeasureEvery = None,
    measure_data: training_options.MeasureData = None,
    measure_split: training_options.MeasureSplit = None,
    measure_count: training_options.MeasureCount = None,
    best: training_options.Best = None,
    tensorboard: training_options.Tensorboard = False,
    track: training_options.Track = None,
    stop_unhealthy: training_options.StopUnhealthy = False,
    distribute: training_options.Distribute = None,
    on_divergence: training_options.OnDivergence = "stop",
    data_dir: DataDir = None,
):
    """Train a GAN by a recipe.

    Ctrl-C stops after the current step and keeps everything; --resume continues.
    """
    from kerasgan.data.opened_source import is_tfds
    from kerasgan.training.adaptation import adapt
    from kerasgan.training.diagnostics import Diagnostics
    from kerasgan.training.plan import check
    from kerasgan.zoo.catalogue import resolve

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
    base = resolve(name)
    plan = adapt(base, options, settings or (), output, resume, labels)
    diagnostics = Diagnostics(
        measure=None if measure is None else _chosen(measure),
        every=measure_every,
        data=measure_data,
        split=measure_split,
        count=measure_count,
        best=best,
        tensorboard=tensorboard,
        track=_chosen(track or "none"),
        stop_unhealthy=stop_unhealthy,
        on_divergence=on_divergence,
    )
    if plan.labels and is_tfds(plan.recipe.data.source):
        # The names of the classes are read by TensorFlow.
        import_keras()
    plan = dataclasses.replace(
        plan,
        initial=None if initial is None else resolve(initial),
        command=recorded_command(context.meta[ARGUMENTS]),
        data_dir=data_dir,
        log_every=log_every,
        sample_every=sample_every,
        checkpoint_every=checkpoint_every,
        diagnostics=diagnostics,
        distribute=distribute,
    )
    plan = check(plan)
    _run(plan)


def _run(plan):
    """Prints the plan, trains, and prints the result."""
    steps = plan.recipe.training.steps
    if plan.done is not None:
        print(
            f"Nothing to do: the run in {plan.output} has {plan.done:,} steps, "
            f"and {steps:,} are requested (--steps)"
        )
        return
    print(f"run: {plan.output}", *plan.notes, sep="\n", file=sys.stderr)
    import_keras()
    from kerasgan.training.distribution import is_chief
    from kerasgan.training.trainer import run

    done = run(plan, progress=True)
    if not is_chief(plan.distribute):
        raise typer.Exit(0 if done >= steps else 130)
    if done >= steps:
        print(f"Trained {done} steps into {plan.output}")
    else:
        print(
            f"Stopped; continue with the same command and --resume ({plan.output})"
        )
        raise typer.Exit(130)


def _chosen(text):
    """Returns the names in a text, in which `none` stands for none."""
    return () if text.strip() == "none" else names(text)
