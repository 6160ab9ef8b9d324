"""The measures: of `kerasgan evaluate`, and those also taken in a training.

The table stands here, below `kerasgan.evaluation`, because recipes read it.
"""

import dataclasses

from kerasgan.utils.registry import Row


@dataclasses.dataclass(frozen=True)
class MeasuredRow(Row):
    """The row of a measure in a training, by a callback.

    Attributes:
        number: what it is called in the log.
        count: samples or images of a measurement without `--measure-count`: they
            take some seconds of a training's minutes on two cores (but for
            FID, which is for a GPU).
        better: `"min"` if the least of the numbers is the best one; None if
            the best networks cannot be chosen by it.
        features: the Inception features that it takes, or None.
    """

    number: str = ""
    count: int = 0
    better: str | None = None
    features: str | None = None


@dataclasses.dataclass(frozen=True)
class MeasureRow(Row):
    """The row of a measure, which is a function of an `Evaluation`.

    Attributes:
        unseen: whether it takes images that the training did not see.
        compares: whether it compares samples with images of a split.
        training_images: whether it takes the images of the training.
        of_images: whether it measures given images as well as samples.
        alone: whether it needs no real images.
        real_alone: whether it needs no samples: one number for all generators.
        options: what its function takes besides the `Evaluation`.
        training: its row in a training, or None.
    """

    unseen: bool = False
    compares: bool = True
    training_images: bool = False
    of_images: bool = False
    alone: bool = False
    real_alone: bool = False
    options: dict = dataclasses.field(default_factory=dict)
    training: MeasuredRow | None = None


def _measure(module, summary, options=None, callback=None, **facts):
    """Returns a row.

    Args:
        module: of its function in `kerasgan.evaluation.measures`.
        summary: what it is.
        options: as of `MeasureRow`.
        callback: the class of `kerasgan.callbacks` that takes it in a training,
            and the rest of its `MeasuredRow`.
        **facts: as of `MeasureRow`.
    """
    training = None
    if callback is not None:
        place, more = callback
        features = (options or {}).get("kind")
        training = MeasuredRow(
            f"kerasgan.callbacks.{place}", summary, features=features, **more
        )
    return MeasureRow(
        f"kerasgan.evaluation.measures.{module}:measure",
        summary,
        options=options or {},
        training=training,
        **facts,
    )


def _frechet(name, summary, kind):
    callback = (
        "frechet_distance:FrechetDistance",
        {"number": name, "count": 2000, "better": "min"},
    )
    return _measure(
        "frechet_distance", summary, {"kind": kind}, callback, of_images=True
    )


# Name on the command line -> row.
MEASURES = {
    "reconstruction": _measure(
        "reconstruction",
        "Reconstruction error of unseen images after 50 steps",
        {"steps": 50},
        (
            "reconstruction_error:ReconstructionError",
            {"number": "reconstruction_error", "count": 128, "better": "min"},
        ),
        unseen=True,
        compares=False,
    ),
    "reconstruction_final": _measure(
        "reconstruction",
        "The same after 500 steps",
        {"steps": 500},
        unseen=True,
        compares=False,
    ),
    "fid768": _frechet(
        "fid768", "Frechet distance of 768 Inception features", "mixed_7"
    ),
    "fid": _frechet(
        "fid", "Frechet inception distance, of 2048 features", "pool"
    ),
    "kid768": _measure(
        "kernel_distance",
        "Kernel distance of 768 Inception features",
        {"kind": "mixed_7"},
        of_images=True,
    ),
    "kid": _measure(
        "kernel_distance",
        "Kernel inception distance, of 2048 features",
        {"kind": "pool"},
        of_images=True,
    ),
    "is": _measure(
        "inception_score",
        "Inception score",
        {"kind": "logits"},
        of_images=True,
        alone=True,
    ),
    "prdc768": _measure(
        "prdc",
        "Precision, recall, density and coverage of 768 features",
        {"kind": "mixed_7"},
        of_images=True,
    ),
    "prdc": _measure(
        "prdc",
        "The same of 2048 features",
        {"kind": "pool"},
        of_images=True,
    ),
    "floor768": _measure(
        "floor",
        "FID-768, KID-768, precision, recall of real images for samples",
        {"kind": "mixed_7"},
        real_alone=True,
    ),
    "floor": _measure(
        "floor", "The same of 2048 features", {"kind": "pool"}, real_alone=True
    ),
    "class_accuracy768": _measure(
        "class_accuracy",
        "How often a linear probe of 768 features recognizes classes",
        {"kind": "mixed_7"},
        unseen=True,
    ),
    "class_accuracy": _measure(
        "class_accuracy",
        "The same of 2048 features",
        {"kind": "pool"},
        unseen=True,
    ),
    "swd": _measure(
        "sliced_wasserstein", "Sliced Wasserstein distance", of_images=True
    ),
    "diversity": _measure(
        "diversity",
        "How much samples differ, and whether they copy training images",
        None,
        (
            "mode_collapse:ModeCollapse",
            {"number": "sample_diversity", "count": 256},
        ),
        training_images=True,
    ),
}
# Those that `kerasgan train` takes on the way.
MEASURED = {
    name: row.training for name, row in MEASURES.items() if row.training
}
# Those by which the best networks can be chosen.
CHOOSERS = tuple(name for name, row in MEASURED.items() if row.better)
# What the Frechet distance of a kind of Inception features is called, and what
# ends the names of the other numbers of these.
FRECHET = {row.features: name for name, row in MEASURED.items() if row.features}
ENDINGS = {kind: name.removeprefix("fid") for kind, name in FRECHET.items()}
