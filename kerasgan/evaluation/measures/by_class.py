"""Numbers of each class of a conditional generator."""

import warnings

import numpy as np

from kerasgan.evaluation.evaluation import rounded


def by_class(evaluation, split, kind, distance):
    """Returns the distances between real images and samples of one class.

    They are those of the whole measurement, and so are their features.

    Args:
        evaluation: an `Evaluation`.
        split: that of the real images.
        kind: of the Inception features.
        distance: a function of the features of both, each at least 2 rows.

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
    found, cautions = {}, []
    for index, name in enumerate(evaluation.classes.names):
        ours = real[labels == index]
        drawn = [features[of == index] for features, of in samples]
        counts = [len(features) for features in drawn]
        numbers = {"images": len(ours), "samples": min(counts)}
        if min(len(ours), *counts) > 1:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                values = [distance(ours, features) for features in drawn]
            numbers = {"value": rounded(np.mean(values)), **numbers}
            cautions += [str(caution.message) for caution in caught]
        found[name] = numbers
    if cautions:
        # One of all classes.
        warnings.warn(f"by class: {cautions[0]}", stacklevel=2)
    return found
