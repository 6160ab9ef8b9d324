import numpy as np

from kerasgan.callbacks.measures_table import ENDINGS
from kerasgan.evaluation.measures.repeats import measurements

# Of each kind: distances of all pairs are taken.
MOST = 10_000


def measure(evaluation, kind):
    """Yields precision, recall, density and coverage, for each reference."""
    for split in evaluation.references:
        real = some(evaluation.features(split, kind))
        results = [
            numbers(real, evaluation.sampled_features(seed, kind)[:MOST], kind)
            for seed in evaluation.seeds
        ]
        protocol = {
            **evaluation.protocol(split),
            **evaluation.feature_protocol(kind),
            "real": len(real),
            "fake": min(MOST, evaluation.samples),
            "neighbours": "3 and 5",
        }
        yield from measurements(evaluation, results, protocol)


def some(features):
    """Returns the features of at most `MOST` images, in their order."""
    if len(features) <= MOST:
        return features
    chosen = np.random.default_rng(0).permutation(len(features))[:MOST]
    return features[np.sort(chosen)]


def numbers(real, fake, kind):
    """Returns the four numbers of two sets of features, by their names."""
    from kerasgan.metrics import density_coverage, precision_recall

    ending = ENDINGS[kind]
    near, dense = precision_recall(real, fake), density_coverage(real, fake)
    return {
        f"precision{ending}": near.precision,
        f"recall{ending}": near.recall,
        f"density{ending}": dense.density,
        f"coverage{ending}": dense.coverage,
    }
