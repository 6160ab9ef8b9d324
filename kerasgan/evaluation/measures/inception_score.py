from kerasgan.evaluation.measures.repeats import measurements

SPLITS = 10


def measure(evaluation):
    """Yields the Inception score, which looks at no real image."""
    from kerasgan.metrics import inception_score

    results = []
    for seed in evaluation.seeds:
        mean, std = inception_score(
            evaluation.sampled_features(seed, "logits"), splits=SPLITS
        )
        results.append({"inception_score": (mean, {"std_of_splits": std})})
    protocol = {**evaluation.feature_protocol("logits"), "splits": SPLITS}
    yield from measurements(evaluation, results, protocol)
