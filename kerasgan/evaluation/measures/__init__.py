"""The measures of `kerasgan evaluate`, one a file.

Each is a function of an `Evaluation` that returns a list of `Measurement`s.
"""

import dataclasses
import functools

from kerasgan.utils.registry import Row


@dataclasses.dataclass(frozen=True)
class MeasureRow(Row):
    """The row of a measure.

    Attributes:
        options: what its function takes besides the `Evaluation`.
        logged: the number of it that `kerasgan train` can log, or None.
        better: `"min"` if the least of these is the best one.
    """

    options: dict = dataclasses.field(default_factory=dict)
    logged: str | None = None
    better: str | None = None


def _measure(module, summary, logged=None, better=None, **options):
    return MeasureRow(
        f"{__name__}.{module}:measure",
        summary,
        options=options,
        logged=logged,
        better=better,
    )


# Name on the command line -> row.
MEASURES = {
    "reconstruction": _measure(
        "reconstruction",
        "Reconstruction error of unseen images after 50 steps",
        "reconstruction_error",
        "min",
        steps=50,
    ),
    "reconstruction_final": _measure(
        "reconstruction", "The same after 500 steps", steps=500
    ),
    "fid768": _measure(
        "frechet",
        "Frechet distance of 768 Inception features",
        "fid768",
        "min",
        kind="mixed_7",
    ),
    "fid": _measure(
        "frechet",
        "Frechet inception distance, of 2048 features",
        "fid",
        "min",
        kind="pool",
    ),
    "kid768": _measure(
        "kernel",
        "Kernel distance of 768 Inception features",
        kind="mixed_7",
    ),
    "kid": _measure(
        "kernel", "Kernel inception distance, of 2048 features", kind="pool"
    ),
    "is": _measure("inception", "Inception score"),
    "prdc768": _measure(
        "prdc",
        "Precision, recall, density and coverage of 768 features",
        kind="mixed_7",
    ),
    "prdc": _measure("prdc", "The same of 2048 features", kind="pool"),
    "swd": _measure("wasserstein", "Sliced Wasserstein distance"),
    "diversity": _measure(
        "variety",
        "How much samples differ, and whether they copy training images",
        "sample_diversity",
    ),
}


# What a training can log: name -> the number, and which is better, or None.
LOGGED = {
    name: (row.logged, row.better)
    for name, row in MEASURES.items()
    if row.logged
}
# Those by which the best networks can be chosen.
ORDERED = [name for name, (_, better) in LOGGED.items() if better]


def find(name):
    """Returns the function of a measure: `Evaluation` -> list of `Measurement`.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in MEASURES:
        raise ValueError(
            f"expected some of {', '.join(MEASURES)}. Received: metrics={name!r}"
        )
    row = MEASURES[name]
    return functools.partial(row.load(), **row.options)


def needed_features(names):
    """Returns the Inception features that some measures take."""
    found = [MEASURES[name].options.get("kind") for name in names]
    found += ["logits"] if "is" in names else []
    return [kind for kind in dict.fromkeys(found) if kind]
