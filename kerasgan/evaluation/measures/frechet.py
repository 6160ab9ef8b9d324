from kerasgan.evaluation.measures.repeats import measurements

NAMES = {"mixed_7": "fid768", "pool": "fid"}


def measure(evaluation, kind):
    """The Frechet distance of Inception features, for each reference."""
    from kerasgan.metrics import FeatureStatistics, frechet_distance

    def statistics(features):
        return FeatureStatistics().update(features)

    found = []
    for split in evaluation.references:
        real = statistics(evaluation.features(split, kind))
        results = [
            {
                NAMES[kind]: frechet_distance(
                    real, statistics(evaluation.sampled_features(seed, kind))
                )
            }
            for seed in evaluation.seeds
        ]
        protocol = {
            **evaluation.protocol(split),
            **evaluation.feature_protocol(kind),
        }
        found += measurements(evaluation, results, protocol)
    return found
