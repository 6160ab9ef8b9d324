"""A number of samples, and its mean over repeated draws."""

import numpy as np

from kerasgan.evaluation.evaluation import rounded
from kerasgan.zoo.records import Measurement


def measurements(evaluation, results, protocol, classes=None):
    """Yields a `Measurement` for each name, of one dictionary a seed.

    Args:
        evaluation: an `Evaluation`.
        results: a list of dictionaries, one a seed: name -> number, or
            name -> (number, spread of it, a dictionary).
        protocol: what belongs to all numbers.
        classes: numbers of each class; None without any.
    """
    for name in results[0]:
        values, spreads = [], []
        for result in results:
            value, spread = (
                result[name]
                if isinstance(result[name], tuple)
                else (result[name], {})
            )
            values.append(float(value))
            spreads.append(spread)
        spread = {key: rounded(v) for key, v in spreads[0].items()}
        if len(values) > 1:
            spread["std_of_repeats"] = rounded(np.std(values, ddof=1))
        yield Measurement(
            name=name,
            value=rounded(np.mean(values)),
            spread=spread,
            protocol={**protocol, **evaluation.sample_protocol()},
            classes=classes or {},
        )
