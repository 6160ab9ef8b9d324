"""From a recipe and images to a run directory."""

import dataclasses
import functools
import warnings

from kerasgan.data.sources import source_name
from kerasgan.recipes.build import build_gan, check_batch, prepare_pictures
from kerasgan.training.initial_weights import begin_with
from kerasgan.training.plan import plan_training
from kerasgan.training.rollback import (
    lowered,
    read_rollbacks,
    roll_back,
    set_rates,
)
from kerasgan.training.run_directory import CHECKPOINT, begin, check_pictures
from kerasgan.training.training_callbacks import TrainingCallbacks
from kerasgan.utils.files import atomic_write
from kerasgan.utils.hardware import device, lacks_bfloat16
from kerasgan.zoo.catalogue import METRICS, TRAINING
from kerasgan.zoo.records import TrainingRecord, read_training


def train(recipe, data, output, *, progress=False, **options):
    """Train the networks of a recipe.

    The run folder gets `recipe.yaml`, `pictures.json` (their number and
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
        output: the run folder. It must not hold a run, unless `resume`.
        resume: resume the run in `output` (or start it, if it is not
            there). Its recipe must be the same but for the number of steps,
            and the images too, wherever they lie now.
        initial: an entry of the zoo or a run folder, with whose weights the
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
            defaults. But for the rule that chooses the best networks they are
            no part of the recipe: who resumes a run names them again.

    Returns:
        Whether all steps are done; False after an interruption (Ctrl-C or
        SIGTERM), which leaves a checkpoint.

    Raises:
        FileExistsError: `output` holds a run and `resume` is false.
        FileNotFoundError, ValueError: as `kerasgan.data.prepare`, or the run
            that is to be resumed has another recipe, or as
            `kerasgan.training.initial_weights.parent_of`.
        FloatingPointError: the losses or weights are not finite any more, or
            explode, and the last checkpoint is kept; or the discriminator's
            loss has vanished and `diagnostics` says that this must stop it.
    """
    return run(plan_training(recipe, data, output, **options), progress)


def run(plan, progress=False):
    """Trains by a plan, which is not checked again; as `train`.

    Args:
        plan: a `kerasgan.training.plan.Plan`.
        progress: whether to draw a progress bar on stderr.
    """
    if plan.done is not None:
        return True
    training = plan.recipe.training
    prepared, batches = _prepare(plan)
    _warn_of_precision(training)
    _warn_of_rates(training)
    while (done := _train(plan, prepared, batches, progress)) is None:
        again = (plan.output / CHECKPOINT).exists()
        plan = dataclasses.replace(plan, continues=again)
    return done


def _train(plan, prepared, batches, progress):
    """Trains from the checkpoint or the beginning.

    Returns:
        As `run`, or None if it diverged and is to be called again.
    """
    output, training = plan.output, plan.recipe.training
    rollbacks = read_rollbacks(output)
    recipe = lowered(plan.recipe, rollbacks)
    gan = build_gan(recipe)
    if plan.continues:
        _restore(gan, output)
        if rollbacks:
            set_rates(gan, recipe.training)
    elif plan.initial is not None:
        begin_with(gan, plan.initial)
    if int(gan.steps) >= training.steps and (output / TRAINING).exists():
        # What was killed after its last checkpoint has an older record.
        if read_training(output).steps == int(gan.steps):
            return True
    record = functools.partial(
        _record,
        plan=plan,
        gan=gan,
        prepared=prepared,
        command=_commands(output, plan.command),
    )
    callbacks = TrainingCallbacks(plan, prepared, record, progress)
    begin(output, plan.recipe, prepared, plan.parent)
    # Measurements of an earlier state of the run are no longer true.
    (output / METRICS).unlink(missing_ok=True)
    try:
        _fit(gan, batches, training.steps, plan.log_every, callbacks)
    except FloatingPointError as error:
        if plan.diagnostics.on_divergence == "stop":
            raise
        roll_back(output, callbacks.saved, str(error))
        return None
    finally:
        callbacks.close()
    record(output, callbacks.seconds)
    callbacks.finish()
    if callbacks.unhealthy:
        raise FloatingPointError(
            f"training stopped: {callbacks.unhealthy}; the checkpoint of step "
            f"{int(gan.steps)} in {output} is kept"
        )
    return int(gan.steps) >= training.steps


def _prepare(plan):
    """`(PreparedImages, Batches)` of a training."""
    from kerasgan.data import Batches

    recipe, training = plan.recipe, plan.recipe.training
    prepared = prepare_pictures(
        recipe, plan.data, recipe.data.split, plan.data_dir, own=True
    )
    if plan.continues:
        check_pictures(plan.output, prepared)
    # Some of those that the plan counted may be unreadable.
    check_batch(training, len(prepared))
    batches = Batches(
        prepared,
        training.batch_size * training.discriminator_steps,
        flip=recipe.data.flip,
        seed=training.seed,
    )
    return prepared, batches


def _warn_of_precision(training):
    if training.precision == "mixed_bfloat16" and lacks_bfloat16():
        warnings.warn(
            "this processor has no arithmetic for bfloat16 and imitates it: "
            "with the precision float32 a step takes a small part of the time",
            stacklevel=4,
        )


def _warn_of_rates(training):
    """Say it where a training is longer or shorter than its schedules."""
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
                f"{optimizer.warmup_steps:,} steps, and the training ends "
                f"after {steps:,}: {network}.warmup_steps says how long",
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


def _commands(output, command):
    """The commands of a run so far, and this one, one a line."""
    lines = []
    if (output / TRAINING).exists():
        lines = (read_training(output).command or "").splitlines()
    if command is not None and command not in lines:
        lines.append(command)
    return "\n".join(lines) or None


def _record(output, seconds, *, plan, gan, prepared, command):
    import keras

    from kerasgan._version import __version__

    recipe, steps = plan.recipe, int(gan.steps)
    record = TrainingRecord(
        steps=steps,
        batch_size=recipe.training.batch_size,
        images=len(prepared),
        data={
            "source": source_name(plan.data),
            "split": recipe.data.split,
            "fingerprint": prepared.fingerprint[:16],
        },
        device=device(),
        wall_time_s=round(seconds, 1),
        steps_per_s=round(steps / seconds, 3),
        kerasgan=__version__,
        keras=keras.__version__,
        backend=keras.backend.backend(),
        command=command,
        recipe_sha256=recipe.digest,
        began_from=plan.parent,
        rollbacks=read_rollbacks(output) or None,
    )
    with atomic_write(output / TRAINING, "w", encoding="utf-8") as file:
        file.write(record.to_json())
