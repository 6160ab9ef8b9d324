from kerasgan.evaluation.measures.repeats import measurements

SPLITS = 10


def measure(evaluation, kind):
    """Yields the Inception score, which looks at no real image."""
    from kerasgan.metrics import inception_score

    results = []
    for seed in evaluation.seeds:
        mean, std = inception_score(
            evaluation.sampled_features(seed, kind), splits=SPLITS
        )
        results.append({"inception_score": (mean, {"std_of_splits": std})})
    protocol = {**evaluation.feature_protocol(kind), "splits": SPLITS}
    yield from measurements(evaluation, results, protocol)
