import numpy as np

from kerasgan.evaluation.measures.repeats import measurements

# Of each kind: distances of all pairs are taken.
MOST = 10_000
ENDINGS = {"mixed_7": "768", "pool": ""}


def measure(evaluation, kind):
    """Yields precision, recall, density and coverage, for each reference."""
    from kerasgan.metrics import density_coverage, precision_recall

    ending = ENDINGS[kind]
    for split in evaluation.references:
        real = evaluation.features(split, kind)
        if len(real) > MOST:
            chosen = np.random.default_rng(0).permutation(len(real))[:MOST]
            real = real[np.sort(chosen)]
        results = []
        for seed in evaluation.seeds:
            fake = evaluation.sampled_features(seed, kind)[:MOST]
            both = precision_recall(real, fake), density_coverage(real, fake)
            results.append(
                {
                    f"precision{ending}": both[0].precision,
                    f"recall{ending}": both[0].recall,
                    f"density{ending}": both[1].density,
                    f"coverage{ending}": both[1].coverage,
                }
            )
        protocol = {
            **evaluation.protocol(split),
            **evaluation.feature_protocol(kind),
            "real": len(real),
            "fake": min(MOST, evaluation.samples),
            "neighbours": "3 and 5",
        }
        yield from measurements(evaluation, results, protocol)
