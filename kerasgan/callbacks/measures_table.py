"""The measures of a training, each by a callback."""

import dataclasses

from kerasgan.utils.registry import Row


@dataclasses.dataclass(frozen=True)
class MeasuredRow(Row):
    """The row of a measure of `kerasgan train`.

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


MEASURED = {
    "reconstruction": MeasuredRow(
        "kerasgan.callbacks.reconstruction_error:ReconstructionError",
        "Reconstruction error of unseen images",
        number="reconstruction_error",
        count=128,
        better="min",
    ),
    "fid768": MeasuredRow(
        "kerasgan.callbacks.frechet_distance:FrechetDistance",
        "Frechet distance of 768 Inception features",
        number="fid768",
        count=2000,
        better="min",
        features="mixed_7",
    ),
    "fid": MeasuredRow(
        "kerasgan.callbacks.frechet_distance:FrechetDistance",
        "Frechet inception distance, of 2048 features",
        number="fid",
        count=2000,
        better="min",
        features="pool",
    ),
    "diversity": MeasuredRow(
        "kerasgan.callbacks.mode_collapse:ModeCollapse",
        "How much samples differ, and whether they copy training images",
        number="sample_diversity",
        count=256,
    ),
}
# What the Frechet distance of a kind of Inception features is called.
FRECHET = {row.features: name for name, row in MEASURED.items() if row.features}
# Those by which the best networks can be chosen.
CHOOSERS = tuple(name for name, row in MEASURED.items() if row.better)
