"""Measures one set of images against another."""

import functools
import warnings
import zipfile

import numpy as np

from kerasgan.callbacks.measures_table import FRECHET
from kerasgan.data.cache import PreparedImages
from kerasgan.data.preparation import prepare
from kerasgan.data.sources import source_name
from kerasgan.evaluation import defaults, measures
from kerasgan.evaluation.evaluation import Evaluation
from kerasgan.metrics import FeatureStatistics, torch_file
from kerasgan.metrics.inception.dimensions import FEATURES
from kerasgan.utils.progress_bars import progress_bar
from kerasgan.utils.typing import Any, PathLike, Sequence
from kerasgan.zoo.records import Measurement

# What statistics of so many features are for.
_OF_STATISTICS = {FEATURES[kind]: name for kind, name in FRECHET.items()}


class ImageSets(Evaluation):
    """An evaluation whose samples are given images.

    Args:
        images: their `kerasgan.data.PreparedImages`.
        name: what they are called.
        against: the `PreparedImages` that they are compared with, or the
            `FeatureStatistics` of such; None for none.
        reference: what these are called.
        weights, resize: as of `Evaluation`.
        progress: as of `measure`.
    """

    classes = None

    def __init__(
        self, images, name, against, reference, weights, resize, progress
    ):
        super().__init__(
            None,
            lambda split: against,
            data=reference,
            cut={},
            split=None,
            references=(None,),
            samples=len(images),
            seed=0,
            repeats=1,
            weights=weights,
            resize=resize,
            bar=functools.partial(progress_bar, progress=progress),
        )
        self.images, self.name = images, name

    def labels(self, split):
        """Returns None: there is no number a class."""
        return None

    def protocol(self, split):
        """Returns which images these are compared with, for the record."""
        against = self.real_images(split)
        if isinstance(against, FeatureStatistics):
            images = {} if against.count is None else {"images": against.count}
            return {"statistics": self.data, **images}
        return super().protocol(split)

    def sample_protocol(self):
        """Returns which images are measured, for the record."""
        return {
            "measured": self.name,
            "measured_images": len(self.images),
            "measured_fingerprint": self.images.fingerprint[:16],
        }

    def statistics(self, split, kind):
        """Returns the `FeatureStatistics` of what these are compared with."""
        against = self.real_images(split)
        if isinstance(against, FeatureStatistics):
            return against
        return super().statistics(split, kind)

    def _drawn(self, seed):
        return self.images.images

    def _sampled_features(self, seed, kind):
        return self._stored(
            f"Features of {self.name}",
            {"pictures": self.images.fingerprint},
            len(self.images),
            kind,
            lambda start, stop: self.images.images[start:stop],
        )


def measure(
    images: PathLike,
    against: PathLike | None = None,
    metrics: Sequence[str] | None = None,
    *,
    split: str | None = "all",
    against_split: str | None = "all",
    image_size: int | str | Sequence[int] | None = None,
    weights: PathLike | None = None,
    resize: str = "legacy",
    data_dir: PathLike | None = None,
    progress: Any = None,
) -> list[Measurement]:
    """Measures images against others, whatever made them.

    Args:
        images: source of images, as of `kerasgan.data.prepare`: a folder, a
            zip, a tar or `shards{000..009}.tar`, an `.npy` or `.npz` of
            images, `tfds:NAME` or `hf-dataset:NAME`.
        against: source of the images to compare with; or a file of statistics,
            as `FeatureStatistics.save`, pytorch-fid, clean-fid and
            torch-fidelity (`.pt`, in its cache) write them, for Frechet distances alone. None for the Inception score alone.
        metrics: some of `fid`, `kid`, `prdc` (of 2,048 Inception features),
            `fid768`, `kid768`, `prdc768` (of 768), `swd`, `is`. None for FID
            and KID; with weights that end at 768 features FID-768 and KID-768,
            which is said in a warning, because they are other numbers. Against
            statistics, the Frechet distance alone.
        split: of `images`; `"all"` for all of them.
        against_split: of `against`.
        image_size: size to which both are cut and resized before anything else;
            None for none: the images of a source then have one size.
        weights: file of the Inception network's weights; None for the usual
            place (`kerasgan.metrics.inception_features`).
        resize: `"legacy"` (as the reference implementation and torch-fidelity),
            `"clean"` (as clean-fid) or `"pytorch"` (as pytorch-fid), how images
            are resized for the Inception network.
        data_dir: folder of TensorFlow Datasets.
        progress: whether to draw progress bars on stderr; None for bars that
            appear on a terminal after a second.

    Returns:
        A list of `Measurement`, each with its protocol.

    Raises:
        FileNotFoundError: a source or the Inception weights are not there.
        ValueError: a wrong argument, unusable images, or a metric that the
            statistics or the weights do not allow.
    """
    options = {
        "image_size": image_size,
        "data_dir": data_dir,
        "progress": progress,
    }
    statistics = None if against is None else saved_statistics(against)
    if against_split != "all" and (against is None or statistics is not None):
        raise ValueError(
            "Expected images to measure against, for a split of them. "
            f"Received: against={against}, against_split={against_split!r}"
        )
    if metrics is None:
        metrics = _default_metrics(statistics, weights, against)
    check_metrics(metrics, against)
    if statistics is not None:
        _check_statistics(metrics, statistics)
        _warn_of_resize(statistics, resize, against)
    measured = prepare(images, split, **options)
    reference: FeatureStatistics | PreparedImages | None = statistics
    if against is not None and statistics is None:
        reference = prepare(against, against_split, **options)
    sets = ImageSets(
        measured,
        source_name(images),
        reference,
        None if against is None else source_name(against),
        weights,
        resize,
        progress,
    )
    return [item for name in metrics for item in measures.find(name)(sets)]


def image_statistics(
    images: PathLike,
    features: str = "pool",
    *,
    split: str | None = "all",
    image_size: int | str | Sequence[int] | None = None,
    weights: PathLike | None = None,
    resize: str = "legacy",
    data_dir: PathLike | None = None,
    progress: Any = None,
) -> FeatureStatistics:
    """Computes the statistics of images, to measure others against.

    Args:
        images, split, image_size, weights, resize, data_dir, progress: as of
            `measure`.
        features: `"pool"` (2,048, for FID) or `"mixed_7"` (768, for FID-768).

    Returns:
        `FeatureStatistics`, whose `save` writes a file for `measure`.

    Raises:
        FileNotFoundError, ValueError: as `measure`.
    """
    prepared = prepare(
        images,
        split,
        image_size=image_size,
        data_dir=data_dir,
        progress=progress,
    )
    sets = ImageSets(
        prepared,
        source_name(images),
        None,
        None,
        weights,
        resize,
        progress,
    )
    statistics = sets.gathered(sets.sampled_features(0, features), features)
    statistics.source = sets.name
    return statistics


def saved_statistics(path: PathLike) -> FeatureStatistics | None:
    """Returns the statistics in an `.npz` or `.pt` file; None of something else."""
    if str(path).lower().endswith(torch_file.ENDINGS):
        return FeatureStatistics.load(path)
    if not str(path).lower().endswith(".npz"):
        return None
    try:
        with open(path, "rb") as stream, np.load(stream) as file:
            names = set(file.files)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        # Whatever it is, it is damaged: the images' reader says so.
        return None
    return FeatureStatistics.load(path) if names & {"mu", "protocol"} else None


def check_metrics(metrics: Sequence[str], against: Any) -> None:
    """Raises a ValueError unless these metrics can be measured so."""
    received = f"Received: metrics={','.join(metrics)}"
    if not metrics or set(metrics).difference(measures.OF_IMAGES):
        raise ValueError(
            f"Expected some of {', '.join(measures.OF_IMAGES)}. {received}"
        )
    if against is None and set(metrics).difference(measures.ALONE):
        raise ValueError(
            "Expected images to measure against, which all but the Inception "
            f"score need. {received}, against=None"
        )


def _warn_of_resize(statistics, resize, against):
    # torch-fidelity, which writes `.pt` files, resizes as the default does.
    unknown = statistics.resize is None and str(against).lower().endswith(
        ".npz"
    )
    if unknown and resize == defaults.RESIZE:
        warnings.warn(
            f"{source_name(against)} does not say how its images were resized: "
            f"{resize} is assumed. Statistics of pytorch-fid need the resize "
            "pytorch, those of clean-fid clean",
            stacklevel=3,
        )


def _check_statistics(metrics, statistics):
    possible = _OF_STATISTICS.get(statistics.dimension)
    if others := set(metrics).difference(measures.ALONE, [possible]):
        raise ValueError(
            f"Expected images to measure {', '.join(sorted(others))} against: "
            f"statistics of {statistics.dimension} features are for "
            f"{possible or 'no metric here'}. Received: "
            f"metrics={','.join(metrics)}"
        )


def _default_metrics(statistics, weights, against):
    from kerasgan.metrics.inception.weights import last_features

    if against is None:
        return ("is",)
    if statistics is not None:
        return (_OF_STATISTICS.get(statistics.dimension, "fid"),)
    if last_features(weights) == "pool":
        return ("fid", "kid")
    warnings.warn(
        "these Inception weights end at 768 features: measured are FID-768 "
        "and KID-768, which are other numbers than FID and KID "
        "(kerasgan.metrics.convert_inception() gets all weights)",
        stacklevel=3,
    )
    return ("fid768", "kid768")
