"""What the trainings of the studies came to, kept beside the scripts.

Run folders are large and stay where they were made. Of each finished one
`benchmarks/results/STUDY.jsonl` keeps the numbers and the settings that they
belong to in a line, and `benchmarks/results/STUDY/VARIANT-SEED.webp` sixteen samples, so
that other seeds can join them later and elsewhere.
"""

import io
import json
from pathlib import Path

import studies
from PIL import Image

from kerasgan.utils.files import atomic_write
from kerasgan.utils.run_log import read_log
from kerasgan.zoo import Metrics, Recipe, catalogue

FOLDER = Path(__file__).parent / "results"
ERROR = "reconstruction_error"
# Of the sample grid, so many pictures a side.
CORNER = 4
# What must be alike for the numbers of a study to stand side by side.
COMMON = ("precision", "backend")


def gather(name, runs, folder=FOLDER, seeds=range(10)):
    """Add what is finished to what is known of a study.

    What is known stays where it was done in one precision and by one backend,
    and what is finished would take the place of a part of it in others.

    Args:
        name: of the study.
        runs: folder of the run folders, as of `studies.run`.
        folder: where results are kept.
        seeds: those to look for.

    Returns:
        A list of dictionaries, one a training, in the order of the study's
        variants and of the seeds: the lines of `STUDY.jsonl`.

    Raises:
        ValueError: what is finished was not trained in the precision, or by
            the backend, of what is known.
    """
    path = folder / f"{name}.jsonl"
    known = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            known[one["variant"], one["seed"]] = one
    found = {
        (label, seed): run
        for label, seed, run, _ in studies.runs(name, runs, seeds)
        if (run / catalogue.METRICS).exists()
    }
    joined = known | {key: _result(*key, run) for key, run in found.items()}
    if _differing(joined.values()):
        # A training that studies have in common was run again for another one.
        joined |= known
        found = {key: run for key, run in found.items() if key not in known}
    order = {label: i for i, label in enumerate(studies.STUDIES[name].variants)}
    results = sorted(
        joined.values(), key=lambda one: (order[one["variant"]], one["seed"])
    )
    for key in _differing(results):
        raise ValueError(
            f"the trainings of the study {name} must have one {key}. "
            "Received: "
            + ", ".join(
                f"{one['variant']} {one['seed']}: {one[key]}" for one in results
            )
        )
    for (label, seed), run in found.items():
        _keep_samples(run, samples_path(name, label, seed, folder))
    if found:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in results)
    return results


def _differing(results):
    """Of `COMMON`, those that are not alike."""
    return [key for key in COMMON if len({one[key] for one in results}) > 1]


def samples_path(name, label, seed, folder=FOLDER):
    """Where sixteen samples of a training are."""
    return folder / f"{studies.folder_of(name, label, seed)}.webp"


def _result(label, seed, run):
    metrics = Metrics.load(run / catalogue.METRICS)
    training = metrics.training
    return {
        "variant": label,
        "seed": seed,
        "steps": training.steps,
        "batch_size": training.batch_size,
        "precision": Recipe.load(run / catalogue.RECIPE).training.precision,
        "backend": training.backend,
        "device": training.device,
        "wall_time_s": training.wall_time_s,
        "kerasgan": training.kerasgan,
        "running": [
            [line["step"], line[ERROR]]
            for line in read_log(run / "log.jsonl")
            if line.get(ERROR)
        ],
        **{item.name: item.value for item in metrics.metrics},
    }


def _keep_samples(run, path):
    grid = sorted((run / "samples").glob("step_*.png"))[-1]
    side = CORNER * (64 + 2) + 2
    buffer = io.BytesIO()
    with Image.open(grid) as picture:
        picture.crop((0, 0, side, side)).save(buffer, "webp", quality=90)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path, "wb") as file:
        file.write(buffer.getvalue())
