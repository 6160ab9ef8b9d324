"""Controlled studies: equal data order, latents and budgets, one thing changed.

    python benchmarks/studies.py list
    python benchmarks/studies.py run optimizers --data celeba-12k.zip
    python benchmarks/studies.py run claim-paper --data celeba-12k.zip --seeds 0,1
    python benchmarks/studies_report.py  # tables and pictures of docs/reproduction.md

DATA has the splits train and test. Each training is a run folder
`runs/studies/STUDY/VARIANT-SEED`; what was interrupted goes on, and what is
done is not done again: a training that several studies have in common is run
once. The measure is the reconstruction error of 128 test pictures as the
training goes on and of all at its end; FID-768 is that of 2,000 samples beside
the training pictures (without `--no-fid`, and added by a run without it;
KERASGAN_INCEPTION names the weights). `--precision mixed_bfloat16` is faster on
processors that have it; one study is of one precision.
"""

import argparse
import dataclasses
from pathlib import Path

from kerasgan.zoo import Recipe

OUTPUT = Path("runs/studies")
SAMPLES = 2000

BASE = {
    "name": "study",
    "summary": "A run of benchmarks/studies.py",
    "architecture": {
        "kind": "dcgan",
        "image_shape": [64, 64, 3],
        "latent_dim": 128,
        "features": 32,
        "normalization": "weight",
    },
    "data": {"source": "DATA", "image_size": 64, "crop": 160, "flip": True},
    "training": {
        "loss": "non_saturating",
        "batch_size": 32,
        "steps": 2000,
        "precision": "float32",
        "generator_optimizer": {
            "name": "adam",
            "learning_rate": 2e-4,
            "beta_1": 0.0,
            "beta_2": 0.9,
        },
        "discriminator_optimizer": {
            "name": "adam",
            "learning_rate": 4e-4,
            "beta_1": 0.0,
            "beta_2": 0.9,
        },
    },
}


def optimizers(generator, discriminator=None, **settings):
    """Changes of both optimizers: their rates, and what else they share."""
    rates = generator, discriminator or generator
    return {
        f"{network}_optimizer": {**settings, "learning_rate": rate}
        for network, rate in zip(("generator", "discriminator"), rates)
    }


def adam(generator, discriminator=None, beta_1=0.0, beta_2=0.9):
    return optimizers(
        generator, discriminator, name="adam", beta_1=beta_1, beta_2=beta_2
    )


def rmsprop(rate, discriminator=None):
    # The papers' epsilon of 1e-6 stands outside of the root.
    return optimizers(
        rate, discriminator, name="rmsprop", rho=0.9, epsilon=1e-12
    )


NORMALIZATIONS = ("none", "batch", "weight")
OPTIMIZERS = {
    "Adam 0/0.9, 2e-4, D 4e-4": adam(2e-4, 4e-4),
    "Adam 0.5/0.999, 2e-4": adam(2e-4, beta_1=0.5, beta_2=0.999),
    "Adam 0.5/0.999, 1e-4": adam(1e-4, beta_1=0.5, beta_2=0.999),
    "RMSProp 2e-4": rmsprop(2e-4),
    "RMSProp 1e-4": rmsprop(1e-4),
}
# Normalization -> the best of OPTIMIZERS by the study `optimizers`.
BEST = {
    "none": "RMSProp 2e-4",
    "batch": "Adam 0.5/0.999, 2e-4",
    "weight": "Adam 0.5/0.999, 2e-4",
}


@dataclasses.dataclass(frozen=True)
class Study:
    """Trainings that differ in one thing.

    Attributes:
        question: what it asks.
        variants: label -> what it changes in `BASE`: key -> value.
        steps: of each training.
        every: steps between two measurements of the reconstruction error.
        seeds: of the trainings, where none are asked for.
    """

    question: str
    variants: dict
    steps: int = 2000
    every: int = 500
    seeds: tuple = (0,)


def _upsampling(name):
    return {"upsampling": name}


STUDIES = {
    "optimizers": Study(
        "Which optimizer suits which normalization?",
        {
            f"{normalization}, {label}": {
                "normalization": normalization,
                **changes,
            }
            for normalization in NORMALIZATIONS
            for label, changes in OPTIMIZERS.items()
        },
    ),
    "claim-paper": Study(
        "Does weight normalization reconstruct unseen faces about 10% better "
        "than batch normalization, by the paper's recipe (RMSProp 1e-4, batch "
        "32, flips only, no moving average)?",
        {
            name: {
                "normalization": name,
                "ema_decay": None,
                **rmsprop(1e-4),
            }
            for name in NORMALIZATIONS
        },
        steps=5000,
        seeds=(0, 1),
    ),
    "claim-best": Study(
        "And with the best optimizer found for each, with a moving average?",
        {
            name: {"normalization": name, **OPTIMIZERS[BEST[name]]}
            for name in NORMALIZATIONS
        },
        steps=5000,
        seeds=(0, 1),
    ),
    "latents": Study(
        "100 latents or 128?",
        {str(size): {"latent_dim": size} for size in (100, 128)},
    ),
    "batch-size": Study(
        "How large a batch, at an equal number of pictures?",
        {
            str(size): {"batch_size": size, "steps": 2000 * 32 // size}
            for size in (8, 16, 32, 64)
        },
    ),
    "upsampling": Study(
        "Transposed convolutions, or resizing and a convolution?",
        {
            name: _upsampling(name)
            for name in ("transposed", "nearest", "bilinear")
        },
    ),
    "dropout": Study(
        "Does dropout in the discriminator help?",
        {str(rate): {"dropout": rate} for rate in (0.0, 0.3)},
    ),
    "adam-rmsprop": Study(
        "Adam or RMSProp, at equal rates?",
        {
            "Adam 0/0.9, 2e-4": adam(2e-4),
            "Adam 0.5/0.999, 2e-4": adam(2e-4, beta_1=0.5, beta_2=0.999),
            "RMSProp 2e-4": rmsprop(2e-4),
        },
    ),
    "two-time-scales": Study(
        "Two time scales: which network shall learn faster, and do modes "
        "collapse?",
        {
            "G 1e-4, D 2e-4": adam(1e-4, 2e-4),
            "G 2e-4, D 2e-4": adam(2e-4, 2e-4),
            "G 2e-4, D 1e-4": adam(2e-4, 1e-4),
        },
    ),
}


def recipes(name, seed, steps=None):
    """The trainings of a study: `(label, recipe)` of each."""
    study = STUDIES[name]
    for label, changes in study.variants.items():
        changed = {"steps": study.steps, **changes, "seed": seed}
        if steps is not None:
            # In proportion, where a variant has a number of its own.
            changed["steps"] = changed["steps"] * steps // study.steps
        yield label, Recipe.from_dict(BASE).override_all(changed.items())


def folder_of(name, label, seed):
    """Where a training is kept, below the folder of all."""
    label = "".join(c if c.isalnum() or c in ".-" else "_" for c in label)
    return Path(name) / f"{label}-{seed}"


def runs(name, output, seeds=None, steps=None):
    """The trainings of a study: `(label, seed, folder, recipe)` of each.

    A training that an earlier study has, too, is in the folder of that one.
    """
    for seed in seeds or STUDIES[name].seeds:
        first = {}
        for study in STUDIES:
            for label, recipe in recipes(study, seed, steps):
                folder = first.setdefault(
                    (recipe.to_yaml(), STUDIES[study].every),
                    folder_of(study, label, seed),
                )
                if study == name:
                    yield label, seed, output / folder, recipe
            if study == name:
                break


def run(
    name,
    data,
    output,
    *,
    seeds=None,
    variants=None,
    steps=None,
    fid=True,
    settings=(),
):
    """Train and measure what is not there yet.

    Args:
        name: of the study.
        data: where the pictures are.
        output: folder of all studies.
        seeds, variants, steps: others than the study's own.
        fid: whether FID-768 is measured.
        settings: what to change in every recipe, `(key, value)` of each.

    Returns:
        Whether it went to the end, not interrupted.
    """
    from kerasgan.evaluation.evaluator import evaluate
    from kerasgan.training.diagnostics import Diagnostics
    from kerasgan.training.trainer import train
    from kerasgan.zoo import Metrics
    from kerasgan.zoo.catalogue import METRICS

    every = STUDIES[name].every
    for label, seed, folder, recipe in runs(name, output, seeds, steps):
        if label not in (variants or STUDIES[name].variants):
            continue
        there = (folder / METRICS).exists()
        if there and not (
            fid and Metrics.load(folder / METRICS).find("fid768") is None
        ):
            continue
        print(f"{name}: {label}, seed {seed}", flush=True)
        recipe = recipe.override_all([("data.source", str(data)), *settings])
        # As many measurements of each, whatever its number of steps.
        interval = (
            every * recipe.training.steps // (steps or STUDIES[name].steps)
        )
        interval = max(100, interval // 100 * 100)
        done = there or train(
            recipe,
            str(data),
            folder,
            resume=True,
            sample_every=recipe.training.steps,
            progress=True,
            diagnostics=Diagnostics(
                measure=("reconstruction",),
                every=min(interval, recipe.training.steps // 100 * 100),
            ),
        )
        if not done:
            return False
        evaluate(
            str(folder),
            str(data),
            command=f"python benchmarks/studies.py run {name}",
            metrics=("reconstruction", "diversity", *(["fid768"] * fid)),
            samples=SAMPLES,
            progress=None,
        )
    return True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    running = commands.add_parser("run")
    running.add_argument("study", choices=STUDIES, nargs="+")
    running.add_argument("--data", required=True)
    running.add_argument("--output", type=Path, default=OUTPUT)
    running.add_argument("--steps", type=int)
    running.add_argument("--seeds", help="with commas")
    running.add_argument("--variants", help="with semicolons")
    running.add_argument("--no-fid", action="store_true")
    running.add_argument("--precision", default=BASE["training"]["precision"])
    given = parser.parse_args()
    if given.command == "list":
        for name, study in STUDIES.items():
            print(
                f"{name}: {study.question}\n    {len(study.variants)} variants "
                f"of {study.steps:,} steps, seeds "
                f"{', '.join(map(str, study.seeds))}"
            )
        return
    seeds = given.seeds and [int(seed) for seed in given.seeds.split(",")]
    variants = given.variants and given.variants.split(";")
    for name in given.study:
        unknown = set(variants or ()) - set(STUDIES[name].variants)
        if unknown:
            running.error(
                f"the study {name} has the variants "
                f"{'; '.join(STUDIES[name].variants)}. Received: "
                f"--variants {given.variants}"
            )
        if not run(
            name,
            given.data,
            given.output,
            seeds=seeds,
            variants=variants,
            steps=given.steps,
            fid=not given.no_fid,
            settings=[("precision", given.precision)],
        ):
            raise SystemExit(130)


if __name__ == "__main__":
    main()
