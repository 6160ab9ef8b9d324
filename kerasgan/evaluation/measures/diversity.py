from kerasgan.evaluation.measures.repeats import measurements

MOST = 2048


def measure(evaluation):
    """Yields how different samples are from each other and from the references.

    And, against the generator's own training images, whether they are copies:
    other images say nothing about that.
    """
    compared = {}

    def compare(prepared):
        if prepared.fingerprint not in compared:
            compared[prepared.fingerprint] = _compare(evaluation, prepared)
        return compared[prepared.fingerprint]

    samples = {"samples_compared": min(MOST, evaluation.samples)}
    training = evaluation.training
    missing = evaluation.training_protocol() if training.missing else {}
    for split in evaluation.references:
        results = [
            {
                "sample_diversity": of_seed.relative,
                "sample_duplicates": of_seed.duplicates,
            }
            for of_seed in compare(evaluation.real_images(split))
        ]
        protocol = {**evaluation.protocol(split), **missing, **samples}
        yield from measurements(evaluation, results, protocol)
    if not training.missing:
        results = [
            {
                "memorized": (
                    of_seed.memorized,
                    {
                        "nearest_smallest": of_seed.nearest.min(),
                        "nearest_mean": of_seed.nearest.mean(),
                    },
                ),
            }
            for of_seed in compare(training.prepared)
        ]
        protocol = {**evaluation.training_protocol(), **samples}
        yield from measurements(evaluation, results, protocol)


def _compare(evaluation, prepared):
    """Returns the `Diversity` of the samples of each seed, against real images."""
    from kerasgan.metrics import References, diversity

    recipe = evaluation.subject.recipe
    references = References(
        prepared.images, flip=recipe is not None and recipe.data.flip
    )
    return [
        diversity(evaluation.drawn(seed)[:MOST], references)
        for seed in evaluation.seeds
    ]
