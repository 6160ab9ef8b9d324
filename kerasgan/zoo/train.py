"""From a recipe and pictures to a run folder."""

import json
from pathlib import Path

from kerasgan.files import atomic_write
from kerasgan.zoo.build import build_gan, prepare_pictures
from kerasgan.zoo.catalogue import METRICS, TRAINING
from kerasgan.zoo.run import CHECKPOINT, LOG
from kerasgan.zoo.run import begin, check_pictures, check_run


def train(
    recipe,
    data,
    output,
    *,
    resume=False,
    data_dir=None,
    log_every=100,
    sample_every=1000,
    checkpoint_every=1000,
    progress=False,
):
    """Train the networks of a recipe.

    The run folder gets `recipe.yaml`, `pictures.json` (how many, and their
    fingerprint), `log.jsonl` (a line each `log_every` steps),
    `samples/step_*.png` (always the same latents), the weights
    (`generator.weights.h5`, `discriminator.weights.h5`, `SHA256SUMS`), from
    which `kerasgan.zoo.load(output)` loads, `checkpoint.weights.h5`, from which
    the training goes on, and `training.json`, the budget that was used. A
    training that was stopped and resumed ends with the same weights, bit by
    bit, as one that was not.

    Args:
        recipe: a `Recipe`.
        data: source of the pictures, as of `kerasgan.data.load`.
        output: the run folder. It must not hold a run, unless `resume`.
        resume: go on with the run in `output` (or start it, if it is not
            there). Its recipe must be the same but for the number of steps,
            and the pictures too, wherever they lie now.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.
        log_every: steps between two lines of the log.
        sample_every: steps between two sample grids.
        checkpoint_every: steps between two checkpoints.
        progress: whether to draw a progress bar on stderr.

    Returns:
        Whether all steps are done; False after an interruption (Ctrl-C or
        SIGTERM), which leaves a checkpoint.

    Raises:
        FileExistsError: `output` holds a run and `resume` is false.
        FileNotFoundError, ValueError: as `kerasgan.data.prepare`, or the run
            that is to be resumed has another recipe.
        FloatingPointError: the losses or weights are not finite any more.
    """
    output = Path(output)
    check_run(output, recipe, resume)

    from kerasgan.data import Batches

    prepared = prepare_pictures(recipe, data, recipe.data.split, data_dir)
    if (output / CHECKPOINT).exists():
        check_pictures(output, prepared)
    training = recipe.training
    batches = Batches(
        prepared,
        training.batch_size * training.discriminator_steps,
        flip=recipe.data.flip,
        seed=training.seed,
    )
    gan = build_gan(recipe)
    if resume and (output / CHECKPOINT).exists():
        _restore(gan, output)
    if int(gan.steps) >= training.steps and (output / TRAINING).exists():
        return True
    begin(output, recipe, prepared)
    # Measurements of an earlier state of the run are no longer true.
    (output / METRICS).unlink(missing_ok=True)

    from kerasgan import callbacks

    stop = callbacks.GracefulStop()
    bar = callbacks.Progress(training.steps)
    watchers = [
        stop,
        callbacks.JSONLog(output / LOG),
        callbacks.Checkpoint(output, checkpoint_every),
        callbacks.SampleGrid(output / "samples", sample_every),
        *([bar] if progress else []),
    ]
    try:
        _fit(gan, batches, training.steps, log_every, watchers, stop)
    finally:
        bar.close()
        stop.restore()
    seconds = callbacks.read_log(output / LOG)[-1]["seconds"]
    _record(gan, recipe, prepared, data, seconds, output)
    return int(gan.steps) >= training.steps


def _restore(gan, output):
    from kerasgan.callbacks import check_checkpoint

    path = output / CHECKPOINT
    try:
        check_checkpoint(output)
        gan.load_weights(path)
    except (ValueError, OSError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{path} cannot be resumed: {reason}") from error


def _fit(gan, batches, steps, interval, callbacks, stop):
    """Train up to `steps`, with epochs that end at multiples of `interval`."""
    while (done := int(gan.steps)) < steps and not stop.stopped:
        epoch = min(interval - done % interval, steps - done)
        # Whole intervals are one call of `fit`; a shorter one before or after
        # them, where a run was stopped or ends, is a call of its own.
        epochs = (steps - done) // interval if epoch == interval else 1
        gan.fit(
            batches.stream(start_step=done),
            epochs=epochs,
            steps_per_epoch=epoch,
            shuffle=False,
            callbacks=callbacks,
            verbose=0,
        )


def _record(gan, recipe, prepared, data, seconds, output):
    import keras

    from kerasgan._version import __version__
    from kerasgan.zoo.hardware import device

    steps = int(gan.steps)
    record = {
        "steps": steps,
        "batch_size": recipe.training.batch_size,
        "images": len(prepared),
        "data": f"{Path(data).name}, {recipe.data.split}, "
        f"fingerprint {prepared.fingerprint[:16]}",
        "device": device(),
        "wall_time_s": round(seconds, 1),
        "steps_per_s": round(steps / seconds, 3),
        "kerasgan": __version__,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
    }
    with atomic_write(output / TRAINING, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=2)
        file.write("\n")
