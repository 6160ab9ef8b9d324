"""From a generator and a seed to images."""

from kerasgan.utils.backend import check_backend
from kerasgan.utils.typing import Any, Callable, Iterator, Sequence

check_backend()

import keras
import numpy as np

from kerasgan.sampling.inference import compile_inference
from kerasgan.sampling.normal_latents import check_integer, latents, slerp
from kerasgan.utils import networks


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Images in [-1, 1] as uint8: round((x + 1) * 127.5), clipped to 0-255."""
    images = np.asarray(images)
    return np.clip(np.rint((images + 1.0) * 127.5), 0, 255).astype(np.uint8)


def latent_size(generator: keras.Model) -> int:
    """Returns the length of a generator's latents.

    Raises:
        ValueError: the generator does not have one input of shape
            `[N, latent_dim]`.
    """
    shape = networks.input_shape(generator)
    if not (isinstance(shape, tuple) and len(shape) == 2 and shape[1]):
        raise ValueError(
            "A generator needs one input of shape (None, latent_dim). "
            f"Received: input_shape={shape}"
        )
    return shape[1]


def _forward(forward, latents):
    return keras.ops.cast(forward(latents), "float32")


def compiled(generator: keras.Model, batch_size: int = 64) -> Callable:
    """Returns a generator as a fast function from numpy latents to images.

    Unlike `model.predict` it costs next to nothing beside the network itself.
    Every call of the network has `batch_size` rows, padded with zeros, so that
    it is compiled once and an image does not depend on the others in its
    batch.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images.
        batch_size: the rows of each call of the network, at least 1.

    Returns:
        A function: latents `[N, latent_dim]`, N at least 1 -> float32 images
        `[N, height, width, channels]` in [-1, 1].
    """
    batch_size = check_integer("batch_size", batch_size, 1, 1 << 32)
    width = latent_size(generator)
    run = compile_inference(generator, _forward)

    def draw(latents):
        latents = np.asarray(latents, np.float32)
        if latents.ndim != 2 or latents.shape[1] != width or not len(latents):
            raise ValueError(
                f"Latents must have the shape (N, {width}), N at least 1. "
                f"Received: shape={latents.shape}"
            )
        images = []
        for begin in range(0, len(latents), batch_size):
            rows = latents[begin : begin + batch_size]
            batch = np.zeros((batch_size, width), np.float32)
            batch[: len(rows)] = rows
            images.append(run(batch)[: len(rows)])
        return np.concatenate(images)

    return draw


def sample(
    generator: keras.Model,
    count: int,
    seed: int = 0,
    truncation: float | None = None,
    batch_size: int = 64,
) -> np.ndarray:
    """Draw images from a generator.

    The same seed gives the same images, and a longer draw begins with those
    of a shorter one.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1].
        count: the number of images, at least 1.
        seed: an integer of 64 bits with sign.
        truncation: cut the latents' normal distribution off at this many
            standard deviations (less variety, fewer failures), or `None`.
        batch_size: images drawn at once, at least 1.

    Returns:
        uint8 array of shape `[count, height, width, channels]`.

    Raises:
        ValueError: an argument outside its range.
    """
    return np.concatenate(
        list(stream(generator, count, seed, truncation, batch_size))
    )


def stream(
    generator: keras.Model,
    count: int,
    seed: int = 0,
    truncation: float | None = None,
    batch_size: int = 64,
    start: Any = 0,
) -> Iterator[np.ndarray]:
    """Returns the images of `sample`, a batch at a time.

    The arguments, and what is raised, are those of `sample`; with `start` the
    images are those from that one of a longer draw on.

    Returns:
        An iterator of uint8 arrays `[batch_size or fewer, height, width,
        channels]`, `count` images in all.
    """
    count = check_integer("count", count, 1, 1 << 32)
    draw = compiled(generator, batch_size)
    width = latent_size(generator)
    # What is wrong is said at once, and not with the first batch.
    latents(1, width, seed, truncation, start)
    return (
        to_uint8(
            draw(
                latents(
                    min(batch_size, count - done),
                    width,
                    seed,
                    truncation,
                    start=start + done,
                )
            )
        )
        for done in range(0, count, batch_size)
    )


def interpolate(
    generator: keras.Model,
    seeds: Sequence[int] = (0, 1),
    steps: int = 8,
    batch_size: int = 64,
) -> np.ndarray:
    """Images on the spherical path between the first images of two seeds.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1].
        seeds: two integers. The ends are `sample(generator, 1, seed)`.
        steps: the number of images, both ends included, at least 2.
        batch_size: images drawn at once, at least 1.

    Returns:
        uint8 array of shape `[steps, height, width, channels]`.

    Raises:
        ValueError: an argument outside its range.
    """
    seeds = tuple(seeds)
    if len(seeds) != 2:
        raise ValueError(
            f"An interpolation needs two seeds. Received: seeds={seeds}"
        )
    width = latent_size(generator)
    ends = [latents(1, width, seed)[0] for seed in seeds]
    return to_uint8(
        compiled(generator, batch_size)(slerp(ends[0], ends[1], steps))
    )
