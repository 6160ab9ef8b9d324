"""Computes the reconstruction error of a generator on unseen images."""

import dataclasses
import functools
import operator
import warnings
import weakref

import keras
import numpy as np
from keras import ops

from kerasgan import sampling
from kerasgan.metrics.gradient import input_grad
from kerasgan.sampling import chosen_labels, latent_size, to_uint8
from kerasgan.sampling.inference import compile_inference
from kerasgan.utils import networks
from kerasgan.utils.backend import dtype_policy
from kerasgan.utils.private_names import flatten_layers
from kerasgan.utils.typing import Any

# The paper's batch. RMSProp's epsilon makes the scale of the loss matter.
_PAPER_BATCH = 32
_DECAY = 0.9
_EPSILON = 1e-6

_HALF = ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16")

# generator of lower precision -> its copy in float32
_copies: weakref.WeakKeyDictionary[keras.Model, keras.Model] = (
    weakref.WeakKeyDictionary()
)


@dataclasses.dataclass(frozen=True)
class Reconstruction:
    """The result of `reconstruction_error`.

    Attributes:
        mean: the mean of `per_image`.
        per_image: float32 `[N]`, each image's squared error, the mean over its
            pixels and channels on the scale [0, 1].
        reconstructions: uint8 `[N, height, width, channels]`.
        latents: finite float32 `[N, latent_dim]`, where the descent ended.

    Of several starts, all three are those of each image's best one.
    """

    mean: float
    per_image: np.ndarray
    reconstructions: np.ndarray
    latents: np.ndarray


def reconstruction_error(
    generator: Any,
    images: np.ndarray,
    steps: int = 50,
    batch_size: int = 32,
    learning_rate: float = 0.01,
    progress: Any = None,
    restarts: int = 1,
    seed: int = 0,
    labels: Any = None,
) -> Reconstruction:
    """Descend to each image's latent and measure the error that is left.

    For each image x, on the scale [0, 1], from z = 0 and v = 0, `steps` times:

        g = d/dz (1/32) mean over pixels and channels of (G(z) - x)^2
        v <- 0.9 v + 0.1 g^2
        z <- z - learning_rate g / (sqrt(v) + 1e-6)

    and then the error (G(z) - x)^2 of the last z, again the mean over pixels
    and channels. The generator runs in inference mode and is left unchanged.
    Everything is computed in float32: of a generator with layers in float16 or
    bfloat16 a float32 copy is measured, with the same weights. An image's
    result does not depend on the others, nor on the batch size, but for the
    rounding: another batch size or machine rounds in another way, which a long
    descent can magnify (docs/research/reconstruction_error.md has numbers).

    With `restarts` above 1, each image has further descents from standard
    normal z, and the one that ends with the least error counts. That is
    another protocol, whose number is never above the paper's: the paper has
    one start, at 0. Only numbers of the same `restarts` can be compared. A
    warning says so if a generator has no gradient at 0.

    Args:
        generator: a built `keras.Model`, latents `[N, latent_dim]` -> images
            `[N, height, width, channels]` in [-1, 1], or a conditional one. One that computes in half
            precision must be Functional or Sequential.
        images: `[N, height, width, channels]`, uint8 or float in [-1, 1], N at
            least 1. A memory map is read a batch at a time.
        steps: the number of updates, at least 0: 50 for the paper's 'running' error, 500
            for its 'final' one.
        batch_size: images computed at once, at least 1.
        learning_rate: the step size, a positive number.
        progress: `None`, or a function `progress(done, total)` that is called
            with the number of images after each batch.
        restarts: descents of each image, at least 1: the first from 0, the
            others from random latents. It takes so many times as long.
        seed: of these, an integer of 64 bits with sign: image i begins its descent r (1, 2, ...) at
            `sampling.latents(1, latent_dim * r, seed, start=i)`, the last
            latent_dim of it, so that more restarts only add to fewer.
        labels: of a conditional generator: the classes of the images, `[N]`, or
            one class. Only latents are optimized, never the class. Defaults to
            `None`: drawn, `sampling.labels(N, num_classes, seed)`, which
            measures worse than the images' own.

    Returns:
        A `Reconstruction`.

    Raises:
        ValueError: an argument of another shape, type or range.

    Reference:
        Xiang and Li, "On the Effects of Batch and Weight Normalization in
        Generative Adversarial Networks", arXiv 1704.03971.
    """
    steps = _at_least("steps", steps, 0)
    batch_size = _at_least("batch_size", batch_size, 1)
    restarts = _at_least("restarts", restarts, 1)
    if not learning_rate > 0:
        raise ValueError(
            "`learning_rate` must be positive. "
            f"Received: learning_rate={learning_rate}"
        )
    latent_dim = latent_size(generator)
    images = _checked(generator, images)
    count = len(images)
    labels = chosen_labels(generator, count, seed, label=labels)
    descend = compile_inference(
        _in_float32(generator),
        _descend if labels is None else _descend_classes,
    )
    batch_size = min(batch_size, count)
    results = []
    for begin in range(0, count, batch_size):
        targets = _zero_to_one(images[begin : begin + batch_size])
        rows = len(targets)
        # The last batch is filled up: another shape would be compiled
        # separately.
        padding = [(0, batch_size - rows)] + [(0, 0)] * 3
        targets = np.pad(targets, padding)
        classes: tuple[np.ndarray, ...] = ()
        if labels is not None:
            classes = (
                np.pad(labels[begin : begin + rows], [(0, batch_size - rows)]),
            )
        others = (np.int32(steps), np.float32(learning_rate), *classes)
        ended = (
            descend(targets, start, *others)
            for start in _starts(batch_size, latent_dim, restarts, seed, begin)
        )
        best = functools.reduce(_better, ended)
        error, generated, z = (array[:rows] for array in best)
        results.append((error, to_uint8(generated), z))
        if progress is not None:
            progress(begin + rows, count)
    per_image, reconstructions, latents = map(np.concatenate, zip(*results))
    # ReLUs that are all off at 0, after a long training, let nothing through.
    still = count - np.count_nonzero(latents.any(axis=1)) if steps else 0
    if still:
        warnings.warn(
            f"the generator has no gradient at the latent 0, where a descent "
            f"starts: {still} of {count} errors are those of its image there. "
            "restarts=4 starts at random latents, too",
            stacklevel=2,
        )
    return Reconstruction(
        mean=float(per_image.mean(dtype=np.float64)),
        per_image=per_image,
        reconstructions=reconstructions,
        latents=latents,
    )


def _starts(count, latent_dim, restarts, seed, first):
    """Returns where the descents of the images from `first` on begin."""
    starts = [np.zeros((count, latent_dim), np.float32)]
    if restarts > 1:
        width = latent_dim * (restarts - 1)
        drawn = sampling.latents(count, width, seed, start=first)
        starts += np.split(drawn, restarts - 1, axis=1)
    return starts


def _better(best, other):
    """Selects, for each image, what ended with the smaller error."""
    smaller = other[0] < best[0]
    return tuple(
        np.where(smaller.reshape(-1, *[1] * (a.ndim - 1)), b, a)
        for a, b in zip(best, other)
    )


def _descend(forward, targets, latents, steps, learning_rate):
    def squared_errors(generated):
        difference = (generated + 1.0) / 2.0 - targets
        return ops.mean(ops.square(difference), axis=(1, 2, 3))

    def loss(z):
        # A sum over images: each one's gradient is its own.
        return ops.sum(squared_errors(forward(z))) / _PAPER_BATCH

    def update(_, state):
        z, v = state
        gradient = input_grad(loss, z)
        v = _DECAY * v + (1.0 - _DECAY) * ops.square(gradient)
        z = z - learning_rate * gradient / (ops.sqrt(v) + _EPSILON)
        return z, v

    start = (latents, ops.zeros_like(latents))
    z, _ = ops.fori_loop(0, steps, update, start)
    generated = forward(z)
    return squared_errors(generated), generated, z


def _descend_classes(forward, targets, latents, steps, learning_rate, labels):
    return _descend(
        lambda z: forward([z, labels]), targets, latents, steps, learning_rate
    )


def _zero_to_one(images):
    if images.dtype == np.uint8:
        return images.astype(np.float32) / 255.0
    return (images.astype(np.float32) + 1.0) / 2.0


def _checked(generator, images):
    images = np.asarray(images)
    expected = networks.output_shape(generator)
    if (
        images.ndim != 4
        or not len(images)
        or len(expected) != 4
        or any(
            wanted not in (None, size)
            for wanted, size in zip(expected[1:], images.shape[1:])
        )
    ):
        raise ValueError(
            f"Images must have the generator's output shape {expected}, N at "
            f"least 1. Received: images.shape={images.shape}"
        )
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise ValueError(
            "Images must be uint8, or float in [-1, 1]. "
            f"Received: images.dtype={images.dtype}"
        )
    low, high = images.min(), images.max()
    # Written so that NaN fails; resizing may overshoot by rounding.
    if not (low >= -1.001 and high <= 1.001):
        raise ValueError(
            "Float images must lie in [-1, 1]. "
            f"Received: images from {low} to {high}"
        )
    return images


def _in_float32(generator):
    """Returns the generator, or a float32 copy if a layer computes in less."""
    layers = flatten_layers(generator, include_self=False)
    if not any(layer.compute_dtype in _HALF for layer in layers):
        return generator
    if generator not in _copies:
        # A copied graph itself takes the global policy.
        with dtype_policy("float32"):
            copied = networks.copy(generator, _float32_config)
        if any(x.compute_dtype in _HALF for x in flatten_layers(copied)):
            raise ValueError(
                "A generator in half precision is measured through a float32 "
                "copy, but its class makes layers of another precision. "
                f"Received: generator={generator.name}"
            )
        _copies[generator] = copied
    copy = _copies[generator]
    copy.set_weights(generator.get_weights())
    return copy


def _float32_config(config):
    """Returns a layer's configuration without half-precision dtypes."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return "float32"
        return {
            key: "float32"
            if key == "dtype" and value in _HALF
            else _float32_config(value)
            for key, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        return type(config)(_float32_config(value) for value in config)
    return config


def _at_least(name, value, low):
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or number < low:
        raise ValueError(
            f"`{name}` must be an integer of at least {low}. "
            f"Received: {name}={value!r}"
        )
    return number
