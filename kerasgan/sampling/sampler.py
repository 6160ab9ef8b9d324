"""From a generator and a seed to images."""

import warnings

import keras
import numpy as np
from keras import ops

from kerasgan.sampling import normal_latents
from kerasgan.sampling.class_labels import chosen_labels, mixing_model
from kerasgan.sampling.given_latents import check_latents
from kerasgan.sampling.inference import compile_batches
from kerasgan.sampling.normal_latents import (
    check_draw,
    check_integer,
)
from kerasgan.utils import networks
from kerasgan.utils.classes import classes_of, has_labels, is_conditional
from kerasgan.utils.typing import Any, Callable, Iterator


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Converts images in [-1, 1] to uint8: round((x + 1) * 127.5), clipped.

    Args:
        images: floats of any shape.

    Returns:
        uint8 array of that shape.
    """
    x = np.asarray(np.asarray(images) + 1.0)
    x *= 127.5
    np.rint(x, out=x)
    return np.clip(x, 0, 255, out=x).astype(np.uint8)


def latent_size(generator: keras.Model) -> int:
    """Returns the length of a generator's latents.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1].

    Raises:
        ValueError: the generator has neither one input of shape
            `[N, latent_dim]`, nor a second one of labels, `[N]`.
    """
    shape = networks.input_shape(generator)
    latents = shape[0] if has_labels(shape) else shape
    if not (
        isinstance(latents, (list, tuple))
        and len(latents) == 2
        and isinstance(latents[1], int)
    ):
        raise ValueError(
            "A generator needs one input of shape (None, latent_dim), or a "
            f"second one of labels, (None,). Received: input_shape={shape}"
        )
    return latents[1]


def _floats(forward, *inputs):
    images = forward(inputs[0] if len(inputs) == 1 else [*inputs])
    return ops.cast(images, "float32")


def _pixels(forward, *inputs):
    """Computes what `to_uint8` does where the network runs."""
    x = ops.round((_floats(forward, *inputs) + 1.0) * 127.5)
    return ops.cast(ops.clip(x, 0.0, 255.0), "uint8")


def compiled(generator: keras.Model, batch_size: int = 64) -> Callable:
    """Returns a generator as a fast function from numpy latents to images.

    Unlike `model.predict` it costs next to nothing compared with the network
    itself. How many rows a call of the network has, and at which of them a
    latent is, depends on the place of the latent in the draw alone: kernels
    for other numbers of rows round differently. So an image depends neither on
    the others nor on how many there are.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1]; or a conditional one, `[latents, labels]` -> images.
        batch_size: the most rows of a call of the network, at least 1.

    Returns:
        A function: latents `[N, latent_dim]`, N at least 1 -> float32 images
        `[N, height, width, channels]` in [-1, 1]. That of a conditional
        generator also takes `labels`: integers `[N]`, or floats
        `[N, num_classes]`, the weights of mixed classes. With `start` the
        latents are those from that place of a draw on. Defaults to 0.
    """
    draw = _compiled(generator, batch_size, _floats)
    width = latent_size(generator)

    def draw_checked(latents, labels=None, start=0):
        latents = np.asarray(latents, np.float32)
        if latents.ndim != 2 or latents.shape[1] != width or not len(latents):
            raise ValueError(
                f"Latents must have the shape (N, {width}), N at least 1. "
                f"Received: shape={latents.shape}"
            )
        labels = _checked_labels(generator, labels, len(latents))
        return draw(latents, labels, start)

    return draw_checked


def compiled_pixels(generator, batch_size=64):
    """Returns the same as `compiled`, of uint8 images as of `to_uint8`.

    Its latents and labels are not checked: a float32 array, and an array as
    `compiled` takes it, or None of a generator without classes.
    """
    return _compiled(generator, batch_size, _pixels)


def _compiled(generator, batch_size, function):
    batch_size = check_integer("batch_size", batch_size, 1, 1 << 32)

    def draw(latents, labels=None, start=0):
        network, inputs = generator, [latents]
        if labels is not None:
            inputs.append(labels)
            if labels.ndim == 2:
                network = mixing_model(generator)
        run = compile_batches(network, function)
        images, place, stop = [], start, start + len(latents)
        while place < stop:
            calls = _calls(place, stop, batch_size)
            begin, end = calls[0][0], calls[-1][1]
            last = min(end, stop)
            rows = slice(place - begin, last - begin)
            values = [
                _placed(x[place - start : last - start], rows, end - begin)
                for x in inputs
            ]
            batches = [
                [x[a - begin : b - begin] for x in values] for a, b in calls
            ]
            images.append(run(batches)[rows])
            place = last
        return images[0] if len(images) == 1 else np.concatenate(images)

    return draw


def _calls(place, stop, batch_size):
    """Returns the call of a place, and those behind it, up to `stop` or `batch_size`."""
    calls = [_call(place, batch_size)]
    while calls[-1][1] < min(stop, batch_size):
        calls.append(_call(calls[-1][1], batch_size))
    return calls


def _call(place, batch_size):
    """Returns the places of a draw, from and to, that share a call with one.

    Calls grow, so that a small draw computes little more than its images.
    """
    begin, end = 0, 1
    if place >= batch_size:
        begin = place - place % batch_size
        return begin, begin + batch_size
    while end <= place:
        begin, end = end, end * _GROWTH
    return begin, min(end, batch_size)


# Draws of 1, 16, 64 and so on compute no row in vain. A smaller growth makes
# more calls of few rows, which take longer a row, and JAX compiles each length.
_GROWTH = 16


def _placed(values, rows, count):
    """Returns an array of `count` rows, zeros but for `rows`."""
    if len(values) == count:
        return values
    batch = np.zeros((count, *values.shape[1:]), values.dtype)
    batch[rows] = values
    return batch


def _checked_labels(generator, labels, count):
    """Returns labels or class weights as an array; None for an unconditional generator."""
    weights = np.asarray(labels)
    if not is_conditional(generator) or weights.dtype.kind not in "Of":
        return chosen_labels(generator, count, label=labels)
    classes = classes_of(generator)
    if classes is None or weights.shape != (count, classes.count):
        raise ValueError(
            "A conditional generator takes labels: one integer per latent, or "
            f"floats of shape ({count}, number of classes). Received: "
            f"labels={'None' if labels is None else weights.shape}"
        )
    return weights.astype(np.float32)


def sample(
    generator: keras.Model,
    count: int | None = None,
    seed: int = 0,
    truncation: float | None = None,
    batch_size: int = 64,
    label: Any = None,
    latents: Any = None,
) -> np.ndarray:
    """Draw images from a generator.

    The same seed gives the same images, and a longer draw begins with those
    of a shorter one, pixel by pixel; with another `batch_size` a grey level
    may differ by the rounding.

    Args:
        generator: a `keras.Model`, latents `[N, latent_dim]` -> images in
            [-1, 1]; or a conditional one, `[latents, labels]` -> images.
        count: the number of images, at least 1. Left out with `latents`.
        seed: an integer of 64 bits with sign.
        truncation: cut the latents' normal distribution off at this many
            standard deviations, a positive number (less variety, fewer
            failures), or `None`.
        batch_size: images drawn at once, at least 1.
        label: of a conditional generator: the class, by name or index; a
            sequence of `count` classes; or `"all"`: `count` images of each
            class, in the order of classes, of the same latents. Defaults to
            `None`: classes are drawn uniformly, by `kerasgan.sampling.labels`
            of the same seed.
        latents: finite floats `[count, latent_dim]` in place of those of the
            seed, such as `Reconstruction.latents`. Defaults to `None`.

    Returns:
        uint8 array of shape `[count, height, width, channels]`; `"all"` gives
        `count * num_classes` images.

    Raises:
        ValueError: an argument outside its range; no such class, or a label
            for a generator without classes.

    Example:
        >>> generator = kerasgan.zoo.load("dcgan-wn-celeba")
        >>> images = kerasgan.sample(generator, 4, seed=0)
        >>> images.shape, images.dtype
        ((4, 64, 64, 3), dtype('uint8'))
    """
    images = list(
        stream(
            generator,
            count,
            seed,
            truncation,
            batch_size,
            label=label,
            latents=latents,
        )
    )
    return images[0] if len(images) == 1 else np.concatenate(images)


def stream(
    generator: keras.Model,
    count: int | None = None,
    seed: int = 0,
    truncation: float | None = None,
    batch_size: int = 64,
    start: Any = 0,
    label: Any = None,
    latents: Any = None,
) -> Iterator[np.ndarray]:
    """Returns the images of `sample`, a batch at a time.

    What is raised is as of `sample`.

    Args:
        generator, count, seed, truncation, batch_size, label, latents: as of
            `sample`.
        start: the first image drawn, at least 0: the images are those of a
            longer draw from there on (of which `latents` are these).

    Returns:
        An iterator of uint8 arrays `[batch_size or fewer, height, width,
        channels]`, `count` images in all (with `"all"` of each class).
    """
    # Errors are raised at once, and not with the first batch.
    batch_size = check_integer("batch_size", batch_size, 1, 1 << 32)
    draw = compiled_pixels(generator, batch_size)
    width = latent_size(generator)
    if latents is not None:
        latents = check_latents(latents, width)
        if count not in (None, len(latents)) or truncation is not None:
            raise ValueError(
                "Expected `latents` without `count` and `truncation`. Received: "
                f"{len(latents)} latents, count={count}, truncation={truncation}"
            )
        count = len(latents)
    count, width, start = check_draw(count, width, seed, truncation, start)
    labels = chosen_labels(generator, count, seed, start, label)

    def batches():
        # Each class has the same latents.
        for begin in range(0, count if labels is None else len(labels), count):
            first, stop = start, start + count
            while first < stop:
                last = min(first - first % batch_size + batch_size, stop)
                rows = slice(begin + first - start, begin + last - start)
                if latents is None:
                    z = normal_latents.latents(
                        last - first, width, seed, truncation, first
                    )
                else:
                    z = latents[first - start : last - start]
                classes = None if labels is None else labels[rows]
                images = draw(z, classes, first)
                if not images.any():
                    warnings.warn(
                        "All images of a draw are black: are the generator's "
                        "weights finite?",
                        stacklevel=2,
                    )
                yield images
                first = last

    return batches()
