"""The measures of `kerasgan evaluate`, one a file.

Each is a function of an `Evaluation` that returns `Measurement`s, one by one.
"""

import dataclasses
import functools

from kerasgan.callbacks.measures_table import FRECHET, MEASURED
from kerasgan.utils.registry import Row


@dataclasses.dataclass(frozen=True)
class MeasureRow(Row):
    """The row of a measure.

    Attributes:
        unseen: whether it takes images that the training did not see.
        of_images: whether it measures given images as well as samples.
        alone: whether it needs no real images.
        real_alone: whether it needs no samples: one number for all generators.
        options: what its function takes besides the `Evaluation`.
    """

    unseen: bool = False
    of_images: bool = False
    alone: bool = False
    real_alone: bool = False
    options: dict = dataclasses.field(default_factory=dict)


def _measure(
    module,
    summary,
    unseen=False,
    of_images=False,
    alone=False,
    real_alone=False,
    **options,
):
    place = f"{__name__}.{module}:measure"
    return MeasureRow(
        place,
        summary,
        unseen=unseen,
        of_images=of_images,
        alone=alone,
        real_alone=real_alone,
        options=options,
    )


# Kind of Inception features -> what ends the names of their numbers.
ENDINGS = {kind: name.removeprefix("fid") for kind, name in FRECHET.items()}
# Name on the command line -> row.
MEASURES = {
    "reconstruction": _measure(
        "reconstruction",
        "Reconstruction error of unseen images after 50 steps",
        unseen=True,
        steps=50,
    ),
    "reconstruction_final": _measure(
        "reconstruction",
        "The same after 500 steps",
        unseen=True,
        steps=500,
    ),
    "fid768": _measure(
        "frechet",
        MEASURED["fid768"].summary,
        of_images=True,
        kind=MEASURED["fid768"].features,
    ),
    "fid": _measure(
        "frechet",
        MEASURED["fid"].summary,
        of_images=True,
        kind=MEASURED["fid"].features,
    ),
    "kid768": _measure(
        "kernel",
        "Kernel distance of 768 Inception features",
        of_images=True,
        kind="mixed_7",
    ),
    "kid": _measure(
        "kernel",
        "Kernel inception distance, of 2048 features",
        of_images=True,
        kind="pool",
    ),
    "is": _measure("inception", "Inception score", of_images=True, alone=True),
    "prdc768": _measure(
        "prdc",
        "Precision, recall, density and coverage of 768 features",
        of_images=True,
        kind="mixed_7",
    ),
    "prdc": _measure(
        "prdc", "The same of 2048 features", of_images=True, kind="pool"
    ),
    "floor768": _measure(
        "floor",
        "FID-768, KID-768, precision, recall of real images for samples",
        real_alone=True,
        kind="mixed_7",
    ),
    "floor": _measure(
        "floor", "The same of 2048 features", real_alone=True, kind="pool"
    ),
    "class_accuracy768": _measure(
        "class_accuracy",
        "How often a linear probe of 768 features recognizes classes",
        unseen=True,
        kind="mixed_7",
    ),
    "class_accuracy": _measure(
        "class_accuracy",
        "The same of 2048 features",
        unseen=True,
        kind="pool",
    ),
    "swd": _measure(
        "wasserstein", "Sliced Wasserstein distance", of_images=True
    ),
    "diversity": _measure(
        "diversity",
        MEASURED["diversity"].summary,
    ),
}
# Those of given images, and of these the ones that need no others.
OF_IMAGES = tuple(name for name, row in MEASURES.items() if row.of_images)
ALONE = tuple(name for name in OF_IMAGES if MEASURES[name].alone)


def find(name):
    """Returns the function of a measure: `Evaluation` -> `Measurement`s.

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
    kinds = [MEASURES[name].options.get("kind") for name in names]
    kinds += ["logits"] if "is" in names else []
    return [kind for kind in dict.fromkeys(kinds) if kind]
