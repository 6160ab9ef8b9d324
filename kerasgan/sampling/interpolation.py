"""Images between the latents of seeds."""

import keras
import numpy as np

from kerasgan.sampling import normal_latents
from kerasgan.sampling.class_labels import ALL, chosen_labels, mixing_model
from kerasgan.sampling.given_latents import check_latents
from kerasgan.sampling.normal_latents import slerp
from kerasgan.sampling.sampler import compiled_pixels, latent_size
from kerasgan.utils.classes import classes_of
from kerasgan.utils.typing import Any, Sequence


def interpolate(
    generator: keras.Model,
    seeds: Sequence[int] = (0, 1),
    steps: int = 8,
    batch_size: int = 64,
    labels: Any = None,
    latents: Any = None,
) -> np.ndarray:
    """Draws images on the spherical path between the latents of two seeds.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1]; or a conditional one, `[latents, labels]` -> images.
        seeds: two integers of 64 bits with sign. The ends are
            `sample(generator, 1, seed)`.
        steps: the number of images, both ends included, at least 2.
        batch_size: images drawn at once, at least 1.
        labels: of a conditional generator: the classes of both ends, `[2]`, by
            name or index, between which the class weights change linearly; or
            one class, a scalar, for all images. Defaults to `None`: the classes of
            `sample(generator, 1, seed)`.
        latents: finite floats `[2, latent_dim]`, both ends in place of those of
            the seeds. Defaults to `None`.

    Returns:
        uint8 array of shape `[steps, height, width, channels]`.

    Raises:
        ValueError: an argument outside its range, or as `sample`.

    Example:
        >>> generator = kerasgan.zoo.load("dcgan-wn-celeba")
        >>> kerasgan.interpolate(generator, seeds=(1, 2), steps=5).shape
        (5, 64, 64, 3)
    """
    seeds = tuple(seeds)
    if len(seeds) != 2:
        raise ValueError(
            f"An interpolation needs two seeds. Received: seeds={seeds}"
        )
    width = latent_size(generator)
    if latents is None:
        ends = np.concatenate(
            [normal_latents.latents(1, width, seed) for seed in seeds]
        )
    else:
        ends = check_latents(latents, width)
        if len(ends) != 2:
            raise ValueError(
                "An interpolation needs two latents. "
                f"Received: {len(ends)} latents"
            )
    path = slerp(ends[0], ends[1], steps)
    labels = _label_path(generator, seeds, labels, steps)
    draw = compiled_pixels(generator, batch_size)
    # Both ends are the first image of a draw.
    parts = [
        draw(path[part], None if labels is None else labels[part])
        for part in (slice(0, -1), slice(-1, None))
    ]
    return np.concatenate(parts)


def _label_path(generator, seeds, labels, steps):
    """Returns what `compiled_pixels` takes as labels on a path; None without classes."""
    if isinstance(labels, str) or np.ndim(labels) == 0:
        labels = (labels, labels)
    if len(labels) != 2 or ALL in map(str, labels):
        raise ValueError(
            "An interpolation needs one class, or those of both ends. "
            f"Received: labels={labels}"
        )
    ends = [
        chosen_labels(generator, 1, seed, label=label)
        for seed, label in zip(seeds, labels)
    ]
    if ends[0] is None:
        return None
    first, last = (int(end[0]) for end in ends)
    if first == last:
        return np.full(steps, first, np.int32)
    # Says how to build it if classes cannot be mixed.
    mixing_model(generator)
    weights = np.zeros((steps, classes_of(generator).count), np.float32)
    weights[:, last] = np.linspace(0.0, 1.0, steps)
    weights[:, first] = 1.0 - weights[:, last]
    return weights
