from kerasgan.callbacks.measures_table import ENDINGS
from kerasgan.evaluation.measures.by_class import measure_by_class
from kerasgan.evaluation.measures.repeats import measurements

SUBSETS, SUBSET_SIZE = 100, 1000


def measure(evaluation, kind):
    """Yields the kernel distance of Inception features, for each reference."""
    from kerasgan.metrics import kernel_distance

    for split in evaluation.references:
        real = evaluation.features(split, kind)
        size = min(SUBSET_SIZE, len(real), evaluation.samples)
        results = []
        for seed in evaluation.seeds:
            result = kernel_distance(
                real,
                evaluation.sampled_features(seed, kind),
                subsets=SUBSETS,
                subset_size=size,
            )
            spread = {"std_of_subsets": result.std}
            results.append({name(kind): (result.mean, spread)})
        protocol = {
            **evaluation.protocol(split),
            **evaluation.feature_protocol(kind),
            "subsets": SUBSETS,
            "subset_size": size,
        }
        classes = measure_by_class(evaluation, split, kind, distance, _enough)
        yield from measurements(evaluation, results, protocol, classes)


def name(kind):
    """Returns what the kernel distance of a kind of features is called."""
    return f"kid{ENDINGS[kind]}"


def distance(real, fake):
    """Returns the distance of two sets of features, of subsets that both fill."""
    from kerasgan.metrics import kernel_distance

    size = min(SUBSET_SIZE, len(real), len(fake))
    return kernel_distance(real, fake, subsets=SUBSETS, subset_size=size).mean


def _enough(dimension):
    return SUBSET_SIZE, "and their distances are of smaller subsets"
