from kerasgan.zoo.measures.repeats import measurements

MOST = 2048


def measure(evaluation):
    """How different samples are from each other and from the references."""
    from kerasgan.metrics import References, diversity

    found = []
    for split in evaluation.references:
        references = References(
            evaluation.pictures(split).images, flip=_flipped(evaluation)
        )
        results = []
        for seed in evaluation.seeds:
            one = diversity(evaluation.drawn(seed)[:MOST], references)
            results.append(
                {
                    "sample_diversity": one.relative,
                    "sample_duplicates": one.duplicates,
                    "memorized": (
                        one.memorized,
                        {
                            "nearest_smallest": one.nearest.min(),
                            "nearest_mean": one.nearest.mean(),
                        },
                    ),
                }
            )
        protocol = {
            **evaluation.protocol(split),
            "looked_at": min(MOST, evaluation.samples),
        }
        found += measurements(evaluation, results, protocol)
    return found


def _flipped(evaluation):
    recipe = evaluation.subject.recipe
    return recipe is not None and recipe.data.flip
