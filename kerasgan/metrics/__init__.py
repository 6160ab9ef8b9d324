"""Computes metrics of generators: distances, scores, reconstruction errors."""

from typing import TYPE_CHECKING

from kerasgan.metrics.confidence import Repeats, repeated
from kerasgan.metrics.density_coverage import DensityCoverage, density_coverage
from kerasgan.metrics.feature_statistics import FeatureStatistics
from kerasgan.metrics.frechet_distance import (
    frechet_distance,
    gaussian_frechet_distance,
)
from kerasgan.metrics.inception_score import InceptionScore, inception_score
from kerasgan.metrics.kernel_distance import (
    KernelDistance,
    kernel_distance,
    squared_mmd,
)
from kerasgan.metrics.linear_probe import LinearProbe
from kerasgan.metrics.precision_recall import PrecisionRecall, precision_recall
from kerasgan.metrics.sample_diversity import (
    Diversity,
    References,
    diversity,
)
from kerasgan.metrics.sliced_wasserstein import (
    SlicedWasserstein,
    sliced_wasserstein,
)
from kerasgan.utils import lazy

# What needs Keras comes at its first use: the numbers above are numpy alone.
_LAZY = {
    "Reconstruction": "kerasgan.metrics.reconstruction",
    "convert_inception": "kerasgan.metrics.inception.convert",
    "inception_features": "kerasgan.metrics.inception.features",
    "inception_protocol": "kerasgan.metrics.inception.features",
    "reconstruction_error": "kerasgan.metrics.reconstruction",
    "stream_inception_features": "kerasgan.metrics.inception.features",
}

__all__ = [
    "DensityCoverage",
    "Diversity",
    "FeatureStatistics",
    "InceptionScore",
    "KernelDistance",
    "LinearProbe",
    "PrecisionRecall",
    "References",
    "Repeats",
    "SlicedWasserstein",
    "density_coverage",
    "diversity",
    "frechet_distance",
    "gaussian_frechet_distance",
    "inception_score",
    "kernel_distance",
    "precision_recall",
    "repeated",
    "sliced_wasserstein",
    "squared_mmd",
    *lazy.export(__name__, _LAZY),
]


if TYPE_CHECKING:
    from kerasgan.metrics.inception.convert import (
        convert_inception as convert_inception,
    )
    from kerasgan.metrics.inception.features import (
        inception_features as inception_features,
        inception_protocol as inception_protocol,
        stream_inception_features as stream_inception_features,
    )
    from kerasgan.metrics.reconstruction import (
        Reconstruction as Reconstruction,
        reconstruction_error as reconstruction_error,
    )
