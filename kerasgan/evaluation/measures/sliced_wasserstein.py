import numpy as np

from kerasgan.evaluation.measures.repeats import measurements

# What the memory of one level allows.
MOST = 4096


def measure(evaluation):
    """Yields the sliced Wasserstein distance, for each reference."""
    from kerasgan.metrics import sliced_wasserstein

    for split in evaluation.references:
        real = evaluation.real_images(split).images
        count = min(MOST, len(real), evaluation.samples)
        chosen = np.random.default_rng(0).permutation(len(real))[:count]
        real = np.asarray(real[np.sort(chosen)])
        results = []
        for seed in evaluation.seeds:
            fake = evaluation.drawn(seed)[:count]
            with evaluation.bar("Sliced Wasserstein", None) as advance:
                distance = sliced_wasserstein(
                    real, fake, progress=lambda done, total: advance()
                )
            results.append({"swd": (distance.mean, _levels(distance))})
        protocol = {**evaluation.protocol(split), "images_of_each": count}
        yield from measurements(evaluation, results, protocol)


def _levels(distance):
    return {f"level_{size}": value for size, value in distance.levels.items()}
