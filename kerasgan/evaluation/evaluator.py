"""From a generator and images to `metrics.json`."""

import contextlib
import functools
import os
import warnings
from pathlib import Path

from kerasgan._version import __version__
from kerasgan.data import cache
from kerasgan.data.opened_source import is_tfds
from kerasgan.data.sources import open_source, source_name
from kerasgan.evaluation import defaults, measures
from kerasgan.evaluation.evaluation import Evaluation
from kerasgan.evaluation.inputs import Subject, find_measured
from kerasgan.recipes.build import prepare_images
from kerasgan.utils.files import write_file
from kerasgan.utils.json_files import read_json, write_json
from kerasgan.utils.locks import FolderLock
from kerasgan.utils.progress_bars import progress_bar
from kerasgan.zoo.records import Measurement, Metrics
from kerasgan.zoo.training_images import (
    check_unseen,
    find_source,
    find_training_images,
)


def evaluate(
    name,
    data=None,
    *,
    command,
    metrics=defaults.METRICS,
    split=None,
    references=None,
    samples=defaults.SAMPLES,
    seed=defaults.SEED,
    repeats=defaults.REPEATS,
    weights=None,
    resize=defaults.RESIZE,
    crop=None,
    output=None,
    fresh=False,
    data_dir=None,
    progress=False,
):
    """Measure a generator and write `metrics.json`.

    What `metrics.json` already says of the same weights by the same protocol
    is taken from there, and what it says by others is kept. Features of
    images and of samples are kept in the cache, so that an evaluation that
    was interrupted continues.

    Args:
        name: an entry of the zoo, a run directory, or the folder of a SavedModel
            (see `kerasgan.evaluation.inputs.find_measured`).
        data: source of images, as of `kerasgan.data.prepare`; they are cut
            as in the recipe. None for the recipe's own source.
        command: the command line that a reader runs to get these numbers.
        metrics: names of `kerasgan.evaluation.measures.MEASURES`.
        split: split of images that the training did not see, for the
            reconstruction error; None for those held out of the training in
            its own source, or else for `"test"` (or `"val"`) if the source
            has one, and everything if it has no splits.
        references: splits whose images samples are compared with. Defaults
            to the one the recipe trains on, or `split` if another source
            has no such split.
        samples: how many are drawn, at least 2.
        seed: of the samples.
        repeats: number of repetitions; numbers are their mean.
        weights: file of the weights of the Inception network; None for the
            usual place (see `kerasgan.metrics.inception_features`).
        resize: `"legacy"`, `"clean"` or `"pytorch"`, of images for that network.
        crop: pixels, for a SavedModel without a recipe.
        output: the file to write. Defaults to `metrics.json` next to the
            weights.
        fresh: whether to ignore cached results and recompute.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.
        progress: whether to draw progress bars on stderr; None for bars on
            a terminal.

    Returns:
        The `Metrics`. Copies of training images (`memorized`) are looked for
        among the training's own alone, which are known by their fingerprint;
        if they are not found, a warning and the protocol state it.

    Raises:
        ValueError: there is no such entry or metric, it has no weights, they
            are damaged, or there is no record of its training.
        BlockingIOError: another process is writing into the model's folder,
            as a training does, and `output` is in it.
        FileNotFoundError: the weights of the Inception network are missing.
    """
    chosen = {key: measures.find(key) for key in metrics}
    measured = name if isinstance(name, Subject) else find_measured(name)
    output = Path(output or measured.output)
    evaluation, data, own = open_evaluation(
        measured,
        data,
        split=split,
        references=references,
        samples=samples,
        seed=seed,
        repeats=repeats,
        weights=weights,
        resize=resize,
        crop=crop,
        data_dir=data_dir,
        progress=progress,
    )
    if split is None and any(measures.MEASURES[key].unseen for key in chosen):
        check_unseen(
            measured.recipe,
            measured.training,
            data,
            own,
            evaluation.real_images(None),
            data_dir,
        )
    # Missing files are reported before anything slow starts.
    for kind in measures.needed_features(chosen):
        evaluation.feature_protocol(kind)
    # A training would replace the weights meanwhile, and another evaluation the
    # same file; what is written elsewhere hinders nobody.
    own_folder = output.parent == measured.measured.parent
    if own_folder and not os.access(output.parent, os.W_OK):
        raise PermissionError(
            f"{output.parent} cannot be written into: choose another file for the "
            "results with --output"
        )
    with FolderLock(output.parent) if own_folder else contextlib.nullcontext():
        earlier = _earlier(output, measured)
        fresh_ones = [
            measurement
            for key, function in chosen.items()
            for measurement in _measured(key, function, evaluation, fresh)
        ]
        notes = {item.protocol.get("memorized") for item in fresh_ones}
        for left_out in notes - {None}:
            warnings.warn(f"memorized is {left_out}", stacklevel=2)
        metrics = _merged(measured, earlier, fresh_ones, command)
        write_file(output, metrics.to_json())
    return metrics


def open_evaluation(
    measured,
    data,
    *,
    split=None,
    references=None,
    crop=None,
    data_dir=None,
    progress=None,
    **options,
):
    """Finds the images that a generator is measured against.

    Args:
        measured: a `Subject`.
        data, split, references, crop, data_dir, progress: as of `evaluate`.
        **options: the other arguments of `Evaluation`.

    Returns:
        `(evaluation, source, own)`: the `Evaluation`, the source of the images,
        and whether it is the training's.
    """
    cut = _cut(measured, crop)
    data, own = _source(measured, data, data_dir)
    evaluation = Evaluation(
        measured,
        functools.partial(_prepare, measured, data, own, cut, data_dir),
        data=source_name(data),
        cut=cut,
        split=split,
        references=tuple(
            references or [_reference(measured, data, own, split)]
        ),
        bar=lambda title, total: progress_bar(title, total, progress),
        training=lambda: find_training_images(
            measured.recipe, measured.training, [data], data_dir
        ),
        **options,
    )
    return evaluation, data, own


def _cut(measured, crop):
    recipe = measured.recipe
    if recipe is None:
        return {"crop": crop, "resize": "area"}
    if crop is not None:
        raise ValueError(
            f"the recipe of {measured.name} sets the crop. "
            f"Received: crop={crop}"
        )
    cut = {"crop": recipe.data.crop, "resize": recipe.data.resize}
    # Left out, the usual one keeps the protocols of earlier measurements.
    if recipe.data.background != "white":
        cut["background"] = recipe.data.background
    return cut


def _source(measured, data, data_dir):
    """Finds the source as `find_source`; a SavedModel names none itself."""
    if measured.recipe is not None:
        return find_source(measured.recipe, measured.training, data, data_dir)
    if data is None:
        raise ValueError(
            "Expected data: nothing says what a SavedModel was trained on. "
            "Received: data=None"
        )
    return data, False


def _reference(measured, data, own, split):
    """Returns the split that samples are compared with where none is named."""
    trained = measured.recipe.data.split if measured.recipe else "train"
    if own or is_tfds(data):
        return trained
    try:
        open_source(data, trained)
    except ValueError:
        return split
    return trained


def _prepare(measured, data, own, cut, data_dir, split):
    if measured.recipe:
        return prepare_images(measured.recipe, data, split, data_dir, own)

    from kerasgan.data import prepare

    size = tuple(measured.load().output_shape[1:])
    if size[2] == 3:
        size = size[:2]
    return prepare(data, split=split, image_size=size, data_dir=data_dir, **cut)


def _measured(key, function, evaluation, fresh):
    """Returns a measure's numbers, from the cache if they are there."""
    path = cache.default_folder().parent / "measurements"
    path = path / f"{cache.key(_content(key, evaluation))}.json"
    if not fresh:
        try:
            content = read_json(path, "it is measured again")["measurements"]
            cache.touch(path)
            return [Measurement.model_validate(item) for item in content]
        except (OSError, ValueError, KeyError):
            pass
    measurements = [*function(evaluation)]
    path.parent.mkdir(parents=True, exist_ok=True)
    content = [item.model_dump(mode="json") for item in measurements]
    write_json(path, {"measurements": content}, indent=None)
    return measurements


def _content(key, evaluation):
    """Returns everything that a measure's numbers depend on."""
    content = {
        "measure": key,
        "generator": evaluation.subject.digest,
        "kerasgan": __version__,
        "features": {
            kind: evaluation.feature_protocol(kind)
            for kind in measures.needed_features([key])
        },
    }
    row = measures.MEASURES[key]
    splits = [*evaluation.references] if row.compares else []
    splits += [evaluation.split] if row.unseen else []
    # The fingerprint of images knows nothing of their labels.
    labels = [evaluation.labels(split) for split in splits]
    if any(of is not None for of in labels):
        content["labels"] = [of is not None and of.tolist() for of in labels]
    if not row.compares:
        return content | {"pictures": evaluation.protocol(evaluation.split)}
    images = [evaluation.protocol(split) for split in splits]
    if row.training_images:
        content["training"] = evaluation.training_protocol()
    if row.real_alone:
        del content["generator"]
        return content | {"pictures": images}
    return content | {
        "pictures": images,
        "samples": evaluation.sample_protocol(),
    }


def _earlier(output, measured):
    """Returns the earlier `metrics.json` of the same weights, or None."""
    try:
        metrics = Metrics.load(output)
    except FileNotFoundError:
        return None
    return metrics if metrics.weights == measured.weights else None


def _merged(measured, earlier, fresh_ones, command):
    kept, commands = [], [command]
    if earlier is not None:
        places = {_place(item) for item in fresh_ones}
        kept = [
            item
            for item in earlier.metrics
            if _place(item) not in places and not _of_others(item, measured)
        ]
    if kept:
        before = earlier.command.splitlines()
        commands = [*(c for c in before if c != command), command]
    return Metrics(
        name=measured.name,
        weights=measured.weights,
        training=measured.training,
        metrics=[*kept, *fresh_ones],
        command="\n".join(commands),
    )


def _of_others(item, measured):
    """Returns whether copies were looked for among images that are not the training's.

    As an earlier version did.
    """
    fingerprint = measured.training and measured.training.fingerprint
    return item.name == "memorized" and (
        fingerprint is None or item.protocol.get("fingerprint") != fingerprint
    )


def _place(item):
    """Returns what one number replaces: the same one on the same images."""
    return item.name, item.protocol.get("split"), item.protocol.get("data")
