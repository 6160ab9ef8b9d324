"""From a recipe and images to a run directory."""

import dataclasses
import functools
import os
import warnings
from pathlib import Path

from kerasgan.data.opened_source import OpenedSource
from kerasgan.data.sources import source_name
from kerasgan.recipes.build import build_gan, prepare_images
from kerasgan.training.distribution import distributed
from kerasgan.training.initial_weights import begin_with
from kerasgan.training.plan import Plan, check, check_batch
from kerasgan.training.rollback import (
    lowered,
    read_rollbacks,
    roll_back,
    set_rates,
)
from kerasgan.training.run_directory import (
    CHECKPOINT,
    Run,
    begin,
    check_images,
    warn_of_lost_files,
)
from kerasgan.training.training_callbacks import TrainingCallbacks
from kerasgan.utils.files import write_file
from kerasgan.utils.finite import first_not_finite
from kerasgan.utils.hardware import device, lacks_bfloat16
from kerasgan.utils.locks import FolderLock
from kerasgan.zoo.catalogue import METRICS, TRAINING, resolve
from kerasgan.zoo.records import TrainingRecord


def train(
    recipe,
    data,
    output,
    *,
    progress=False,
    initial=None,
    diagnostics=None,
    **options,
):
    """Train the networks of a recipe.

    The run directory gets `recipe.yaml`, `pictures.json` (their number and
    fingerprint), `log.jsonl` (a line each `log_every` steps),
    `samples/step_*.png` (always the same latents), the weights
    (`generator.weights.h5`, `discriminator.weights.h5`, `SHA256SUMS`), from
    which `kerasgan.zoo.load(output)` loads, `checkpoint.weights.h5`, from which
    a training resumes, `report.html` and `report.png`, and `training.json`,
    the budget that was used. Some diagnostics add `pairs/`, `best/` (itself a
    folder to load from) and `tensorboard/`. A training that was stopped and
    resumed ends with the same weights, bit by bit, as one that was not, and
    whatever is measured changes none of them.

    Args:
        recipe: a `Recipe`.
        data: source of the images, as of `kerasgan.data.load`.
        output: the run directory. It must not hold a run, unless `resume`.
        resume: resume the run in `output` (or start it, if it is not
            there). Its recipe must be the same but for the number of steps,
            and the images too, wherever they lie now.
        initial: an entry of the zoo or a run directory, with whose weights the
            training begins (fine-tuning): `began_from.json` and
            `training.json` say which. None for fresh weights.
        labels: whether to train a conditional GAN: the recipe gets the classes
            of the source as `data.classes`. A recipe that has classes trains
            one anyway, and a run that is resumed keeps its own.
        command: the command line of this training, for `training.json`.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.
        log_every: steps between two lines of the log.
        sample_every: steps between two sample grids.
        checkpoint_every: steps between two checkpoints, and two reports.
        diagnostics: `kerasgan.training.diagnostics.Diagnostics`; None for its
            defaults. Except for the rule that chooses the best networks they
            are not part of the recipe, so a resumed run needs them again.
        distribute: a name of `kerasgan.training.distribution.DISTRIBUTIONS`,
            for several devices or machines, all of which see `output`: the
            steps are those of one device, but for rounding. No part of the
            recipe either. None for one device.

    Returns:
        Whether all steps are done; False after an interruption (Ctrl-C or
        SIGTERM), which leaves a checkpoint.

    Raises:
        FileExistsError: `output` holds a run and `resume` is false.
        BlockingIOError: another process is writing into `output`.
        FileNotFoundError, ValueError: as `kerasgan.data.prepare`, or the run
            that is to be resumed has another recipe, or as
            `kerasgan.training.initial_weights.parent_of`.
        FloatingPointError: the losses or weights are not finite any more, or
            explode, and the last checkpoint is kept; or the discriminator's
            loss has vanished and `diagnostics` says that this must stop it.
    """
    if initial is not None:
        options["initial"] = resolve(initial)
    if diagnostics is not None:
        options["diagnostics"] = diagnostics
    plan = check(Plan(recipe, data, Run(Path(output)), **options))
    return run(plan, progress) >= plan.recipe.training.steps


def run(plan, progress=False):
    """Trains by a plan, which is not checked again; as `train`.

    Args:
        plan: a `kerasgan.training.plan.Plan`.
        progress: whether to draw a progress bar on stderr.

    Returns:
        The number of steps of the run; fewer than the plan's after an
        interruption.
    """
    if plan.done is not None:
        return plan.done
    with (
        distributed(plan.distribute) as workers,
        workers.own_folder(plan.output) as folder,
        FolderLock(folder) as lock,
    ):
        own = plan
        if folder != plan.output:
            # The chief alone tracks it.
            quiet = dataclasses.replace(
                plan.diagnostics, track=(), tensorboard=False
            )
            own = dataclasses.replace(plan, run=Run(folder), diagnostics=quiet)
        _check_meanwhile(own)
        warn_of_lost_files(own.run, own.log_every)
        _warn_of_training(plan.recipe.training)
        images = _prepare(own, workers.part)
        progress = progress and workers.chief
        attempt = functools.partial(_train, shared=plan.output, lock=lock)
        while (done := attempt(own, images, workers, progress)) is None:
            again = (plan.output / CHECKPOINT).exists()
            own = dataclasses.replace(own, continues=again)
        # The chief may be writing still.
        workers.gather(0)
        return done


def _check_meanwhile(plan):
    if (plan.output / CHECKPOINT).exists() and not plan.continues:
        raise FileExistsError(
            f"another process has trained in {plan.output} meanwhile: continue "
            "the run in it with --resume, or choose another folder"
        )


def _train(plan, images, workers, progress, *, shared, lock):
    """Trains from the checkpoint or the beginning, in one process.

    Args:
        plan: the `Plan` with the folder that this process writes into.
        images: `(PreparedImages, Batches)`.
        workers, progress, lock: as in `run`.
        shared: the run directory of all processes.

    Returns:
        As `run`, or None if it diverged and is to be called again.
    """
    from kerasgan.gans.first_batch import FirstBatch

    output, training = plan.output, plan.recipe.training
    prepared, batches = images
    rollbacks = read_rollbacks(output)
    recipe = lowered(plan.recipe, rollbacks)
    with workers.scope():
        gan = build_gan(recipe)
    FirstBatch(gan).check_rows(batches.shape[0])
    if plan.continues:
        _restore(gan, shared)
        if rollbacks:
            set_rates(gan, recipe.training)
    elif plan.initial is not None:
        begin_with(gan, plan.initial)
    workers.check_steps(int(gan.steps))
    recorded = plan.run.record
    # What was killed after its last checkpoint has an older record.
    if recorded and training.steps <= int(gan.steps) == recorded.steps:
        return recorded.steps
    record = functools.partial(
        _record,
        plan=plan,
        gan=gan,
        prepared=prepared,
        devices=workers.devices,
    )
    callbacks = TrainingCallbacks(
        plan, prepared, record, progress, lock, workers.agreement
    )
    for source in (plan.data, plan.diagnostics.data):
        if isinstance(source, OpenedSource):
            source.close()
    begin(output, plan.recipe, prepared, plan.parent)
    # Measurements of an earlier state of the run are no longer true.
    (output / METRICS).unlink(missing_ok=True)
    try:
        _fit(gan, batches, training.steps, plan.log_every, callbacks)
    except FloatingPointError as error:
        # The checkpoint is that of all workers, not of their own folders.
        reason = str(error).replace(os.fspath(output), os.fspath(shared))
        if plan.diagnostics.on_divergence == "stop":
            raise FloatingPointError(reason) from error
        roll_back(output, callbacks.saved, reason)
        # A training that was interrupted, too, continues when it is resumed.
        return callbacks.saved if callbacks.interrupted else None
    finally:
        callbacks.close()
    record(output, callbacks.seconds)
    if callbacks.unhealthy:
        raise FloatingPointError(
            f"training stopped: {callbacks.unhealthy}; the checkpoint of step "
            f"{int(gan.steps)} in {shared} is kept"
        )
    return int(gan.steps)


def _prepare(plan, part=(0, 1)):
    """Returns `(PreparedImages, Batches)` of a training."""
    from kerasgan.data import Batches

    recipe, training = plan.recipe, plan.recipe.training
    prepared = prepare_images(
        recipe, plan.data, recipe.data.split, plan.data_dir, own=True
    )
    if plan.continues:
        check_images(plan.output, prepared)
    counted = isinstance(plan.data, OpenedSource) and len(plan.data)
    if len(prepared) != counted:
        # Some are held out, or unreadable.
        check_batch(training, len(prepared))
    batches = Batches(
        prepared,
        training.batch_size * training.discriminator_steps,
        flip=recipe.data.flip,
        seed=training.seed,
        part=part,
    )
    return prepared, batches


def _warn_of_training(training):
    """Say what is slow, and whether a training is too short for its schedules."""
    if training.precision == "mixed_bfloat16" and lacks_bfloat16():
        warnings.warn(
            "this processor has no arithmetic for bfloat16 and emulates it: "
            "with the precision float32 a step is about 15 times as fast",
            stacklevel=4,
        )
    steps = training.steps
    for network in ("generator_optimizer", "discriminator_optimizer"):
        optimizer = getattr(training, network)
        decay = optimizer.decay
        stop = getattr(decay, "stop", None)
        if stop is not None and not decay.final and steps > stop:
            warnings.warn(
                f"the learning rate of {network} is 0 after step {stop:,}, but "
                f"the training has {steps:,} steps: set "
                f"{network}.decay.stop",
                stacklevel=3,
            )
        if optimizer.warmup_steps > steps:
            warnings.warn(
                f"the learning rate of {network} rises for "
                f"{optimizer.warmup_steps:,} steps, but the training has "
                f"{steps:,} steps: set {network}.warmup_steps",
                stacklevel=3,
            )


def _restore(gan, output):
    from kerasgan.callbacks import check_checkpoint

    path = output / CHECKPOINT
    try:
        check_checkpoint(output)
        gan.load_weights(path)
    except (ValueError, OSError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} cannot be resumed: {reason}") from error
    # It may be of a version that did not look, and would never end well.
    name = first_not_finite([*gan.variables, *gan.optimizer.variables])
    if name is not None:
        raise FloatingPointError(f"{path}: {name} is not finite")


def _fit(gan, batches, steps, interval, callbacks):
    """Train up to `steps`, with epochs that end at multiples of `interval`."""
    while (done := int(gan.steps)) < steps and not callbacks.stopped:
        epoch = min(interval - done % interval, steps - done)
        # Whole intervals are one call of `fit`; a shorter one before or after
        # them, where a run was stopped or ends, is a call of its own.
        epochs = (steps - done) // interval if epoch == interval else 1
        gan.fit(
            batches.stream(start_step=done),
            epochs=epochs,
            steps_per_epoch=epoch,
            shuffle=False,
            callbacks=callbacks.callbacks,
            verbose=0,
        )


def _record(output, seconds, *, plan, gan, prepared, devices):
    import keras

    from kerasgan._version import __version__

    recipe, steps = plan.recipe, int(gan.steps)
    # The commands of the run so far, and this one, one a line.
    before = plan.run.record and plan.run.record.command
    commands = [*(before or "").splitlines(), *filter(None, [plan.command])]
    record = TrainingRecord(
        steps=steps,
        batch_size=recipe.training.batch_size,
        images=len(prepared),
        data={
            "source": source_name(plan.data),
            "split": recipe.data.split,
            "fingerprint": prepared.fingerprint[:16],
        },
        device=device() if devices == 1 else f"{devices} x {device()}",
        wall_time_s=round(seconds, 1),
        steps_per_s=round(steps / seconds, 3),
        kerasgan=__version__,
        keras=keras.__version__,
        backend=keras.backend.backend(),
        command="\n".join(dict.fromkeys(commands)) or None,
        recipe_sha256=recipe.digest,
        began_from=plan.parent,
        rollbacks=read_rollbacks(output) or None,
    )
    write_file(output / TRAINING, record.to_json())
