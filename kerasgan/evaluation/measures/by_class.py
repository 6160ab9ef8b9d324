"""Numbers of each class of a conditional generator."""

import warnings

import numpy as np

from kerasgan.evaluation.evaluation import rounded
from kerasgan.utils.classes import short_list


def measure_by_class(evaluation, split, kind, distance, enough):
    """Returns the distances between real images and samples of one class.

    They are those of the whole measurement, and so are their features.

    Args:
        evaluation: an `Evaluation`.
        split: that of the real images.
        kind: of the Inception features.
        distance: a function of the features of both, each at least 2 rows.
        enough: a function of the number of features that returns how many rows
            a class needs, and what its number is with fewer.

    Returns:
        Class -> `Measurement.classes`; empty if the generator has no classes,
        or the real images no labels.
    """
    labels = evaluation.labels(split)
    if labels is None or evaluation.classes is None:
        return {}
    real = evaluation.features(split, kind)
    samples = [
        (
            evaluation.sampled_features(seed, kind),
            evaluation.sampled_labels(seed),
        )
        for seed in evaluation.seeds
    ]
    measured, few = {}, []
    rows, otherwise = enough(real.shape[1])
    for index, name in enumerate(evaluation.classes.names):
        of_class = real[labels == index]
        drawn = [features[of == index] for features, of in samples]
        numbers = {"images": len(of_class), "samples": min(map(len, drawn))}
        count = min(numbers.values())
        if count < rows:
            few.append(f"{name} ({count})")
        if count > 1:
            with warnings.catch_warnings():
                # Below, in one line.
                warnings.filterwarnings("ignore", ".*covariance is singular")
                values = [distance(of_class, features) for features in drawn]
            numbers = {"value": rounded(np.mean(values)), **numbers}
        measured[name] = numbers
    if few:
        warnings.warn(
            f"by class: {len(few)} of {len(measured)} classes have fewer than "
            f"{rows:,} images or samples, {otherwise}: {short_list(few)}",
            stacklevel=2,
        )
    return measured
