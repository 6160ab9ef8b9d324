from kerasgan.callbacks.measures_table import ENDINGS
from kerasgan.evaluation.evaluation import rounded
from kerasgan.evaluation.measures.repeats import measurements
from kerasgan.zoo.metric_names import REAL
from kerasgan.zoo.records import Measurement


def measure(evaluation, kind):
    """Measures how often a probe recognizes the classes of samples and real images.

    The probe is fitted on the images that samples are compared with, and both
    are recognized by it: samples, and real images that it does not know.
    """
    from kerasgan.metrics import LinearProbe

    name = f"class_accuracy{ENDINGS[kind]}"
    (trained, *_) = evaluation.references
    unseen = evaluation.split
    for split in (trained, unseen):
        if evaluation.classes is None or evaluation.labels(split) is None:
            raise ValueError(
                "class_accuracy needs a conditional generator and images with "
                f"labels. Received: {evaluation.data}, split {split}"
            )
    same = [evaluation.protocol(x)["fingerprint"] for x in (trained, unseen)]
    if same[0] == same[1]:
        raise ValueError(
            "class_accuracy needs real images other than those that the classes "
            f"are learned from: name their split with --split. "
            f"Received: {evaluation.data} for both"
        )
    probe = LinearProbe(
        evaluation.features(trained, kind), evaluation.labels(trained)
    )
    protocol = evaluation.feature_protocol(kind)
    results = [
        {
            name: probe.accuracy(
                evaluation.sampled_features(seed, kind),
                evaluation.sampled_labels(seed),
            )
        }
        for seed in evaluation.seeds
    ]
    real = Measurement(
        name=f"{name}{REAL}",
        value=rounded(
            probe.accuracy(
                evaluation.features(unseen, kind), evaluation.labels(unseen)
            )
        ),
        protocol={**evaluation.protocol(unseen), **protocol},
    )
    protocol = {**evaluation.protocol(trained), **protocol}
    return [*measurements(evaluation, results, protocol), real]
