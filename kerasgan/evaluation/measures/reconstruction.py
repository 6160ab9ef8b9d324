import numpy as np

from kerasgan.evaluation.evaluation import rounded
from kerasgan.zoo.records import Measurement

# The two errors of Xiang & Li.
NAMES = {50: "reconstruction_error", 500: "reconstruction_error_final"}


def measure(evaluation, steps):
    """Yields the reconstruction error on images that the training did not see."""
    from kerasgan.metrics import reconstruction_error

    images = evaluation.real_images(evaluation.split).images
    labels = evaluation.labels(evaluation.split)
    batch_size = 32
    with evaluation.bar(
        f"Reconstructing, {steps} steps", -(-len(images) // batch_size)
    ) as advance:
        result = reconstruction_error(
            evaluation.generator,
            images,
            steps=steps,
            batch_size=batch_size,
            labels=labels,
            progress=lambda done, total: advance(),
        )
    errors = result.per_image.astype(np.float64)
    yield Measurement(
        name=NAMES[steps],
        value=rounded(errors.mean()),
        spread={
            "standard_error": rounded(errors.std() / len(errors) ** 0.5),
            "smallest": rounded(errors.min()),
            "median": rounded(np.median(errors)),
            "largest": rounded(errors.max()),
        },
        protocol={
            **evaluation.protocol(evaluation.split),
            "pixels": "[0, 1]",
            "steps": steps,
            "latents_start": 0,
            **evaluation.labels_protocol(evaluation.split),
        },
    )
