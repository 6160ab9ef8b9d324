from kerasgan.callbacks.measures_table import FRECHET
from kerasgan.evaluation.evaluation import rounded
from kerasgan.evaluation.measures import kernel_distance, prdc
from kerasgan.zoo.metric_names import REAL
from kerasgan.zoo.records import Measurement


def measure(evaluation, kind):
    """Yields the numbers of real images instead of samples.

    The place of samples is taken by the images of the first reference; against
    that reference itself, by every second of its images, which are compared with
    the others. `samples_are` records which: `{"every": 2}`, or of which split.
    """
    from kerasgan.metrics import frechet_distance

    first = evaluation.references[0]
    for split in evaluation.references:
        others = evaluation.features(split, kind)
        if split == first:
            real, others = others[::2], others[1::2]
            which = {"every": 2}
        else:
            real = evaluation.features(first, kind)
            which = {"split": first}
        both = [
            evaluation.gathered(features, kind) for features in (others, real)
        ]
        results = {
            FRECHET[kind]: frechet_distance(*both),
            kernel_distance.name(kind): kernel_distance.distance(others, real),
            **prdc.numbers(prdc.some(others), prdc.some(real), kind),
        }
        protocol = {
            **evaluation.protocol(split),
            **evaluation.feature_protocol(kind),
            "samples": len(real),
            "samples_are": which,
        }
        for name, value in results.items():
            yield Measurement(
                name=f"{name}{REAL}", value=rounded(value), protocol=protocol
            )
