from kerasgan.callbacks.measures_table import FRECHET
from kerasgan.evaluation.measures.by_class import measure_by_class
from kerasgan.evaluation.measures.repeats import measurements


def measure(evaluation, kind):
    """Yields the Frechet distance of Inception features, for each reference."""
    from kerasgan.metrics import frechet_distance

    for split in evaluation.references:
        real = evaluation.statistics(split, kind)
        results = [
            {
                FRECHET[kind]: frechet_distance(
                    real,
                    evaluation.gathered(
                        evaluation.sampled_features(seed, kind), kind
                    ),
                )
            }
            for seed in evaluation.seeds
        ]
        protocol = {
            **evaluation.protocol(split),
            **evaluation.feature_protocol(kind),
        }
        classes = measure_by_class(
            evaluation, split, kind, frechet_distance, _enough
        )
        yield from measurements(evaluation, results, protocol, classes)


def _enough(dimension):
    return (
        dimension + 1,
        "and their distances are mostly the small sample's bias",
    )
