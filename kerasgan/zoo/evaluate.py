"""From an entry or a run, and pictures it has not seen, to `metrics.json`."""

from pathlib import Path

import numpy as np

from kerasgan.files import atomic_write
from kerasgan.zoo.build import prepare_pictures
from kerasgan.zoo.catalogue import METRICS, find
from kerasgan.zoo.load import check_weights, checksums, load
from kerasgan.zoo.metrics import Measurement, Metrics, read_training

# Name and number of steps of the two errors of Xiang & Li.
RECONSTRUCTIONS = {
    "reconstruction_error": 50,
    "reconstruction_error_final": 500,
}


def evaluate(
    name,
    data,
    *,
    command,
    split=None,
    final=True,
    data_dir=None,
    progress=False,
):
    """Measure a generator and write `metrics.json` beside its weights.

    Args:
        name: an entry of the zoo or a run folder. Either `training.json` of
            the run or an earlier `metrics.json` must say how it was trained.
        data: source of pictures that the training did not see, as of
            `kerasgan.data.prepare`; they are cut as the recipe says.
        command: the command line that a reader runs to get these numbers.
        split: split of the source; None for `"test"` where it has one, and
            everything where it has no splits.
        final: whether to measure the reconstruction error after 500 steps too,
            which takes ten times as long as that after 50.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.
        progress: whether to draw progress bars on stderr; None for bars on
            a terminal.

    Returns:
        The `Metrics`.

    Raises:
        ValueError: there is no such entry, it has no weights, they are
            damaged, or nothing says how it was trained.
    """
    entry = find(name)
    recipe = entry.recipe()
    check_weights(entry)
    training = read_training(entry.folder)

    prepared = prepare_pictures(recipe, data, split, data_dir)
    generator = load(entry)
    protocol = {
        "images": len(prepared),
        "data": Path(data).name,
        "split": split or _split_of(data, prepared),
        "crop": recipe.data.crop,
        "resize": recipe.data.resize,
        "fingerprint": prepared.fingerprint[:16],
        "pixels": "[0, 1]",
    }
    measurements = [
        _reconstruction(
            generator, prepared.images, key, steps, protocol, progress
        )
        for key, steps in RECONSTRUCTIONS.items()
        if final or key == "reconstruction_error"
    ]
    metrics = Metrics(
        name=recipe.name,
        weights=checksums(entry.folder),
        training=training,
        metrics=measurements,
        command=command,
    )
    with atomic_write(entry.folder / METRICS, "w", encoding="utf-8") as file:
        file.write(metrics.to_json())
    return metrics


def _reconstruction(generator, images, name, steps, protocol, progress):
    from kerasgan.progress import progress_bar
    from kerasgan.metrics import reconstruction_error

    batch_size = 32
    with progress_bar(
        f"Reconstructing, {steps} steps",
        -(-len(images) // batch_size),
        progress,
    ) as advance:
        result = reconstruction_error(
            generator,
            images,
            steps=steps,
            batch_size=batch_size,
            progress=lambda done, total: advance(),
        )
    errors = result.per_image.astype(np.float64)
    return Measurement(
        name=name,
        value=_rounded(errors.mean()),
        spread={
            "standard_error": _rounded(errors.std() / len(errors) ** 0.5),
            "smallest": _rounded(errors.min()),
            "median": _rounded(np.median(errors)),
            "largest": _rounded(errors.max()),
        },
        protocol={**protocol, "steps": steps, "latents_start": 0},
    )


def _split_of(data, prepared):
    """The split that is taken where none is asked for."""
    folders = {name.rpartition("/")[0] for name in prepared.names}
    tests = all("test" in folder.split("/") for folder in folders)
    return "test" if tests or str(data).startswith("tfds:") else "all"


def _rounded(value):
    return float(f"{value:.6g}")
