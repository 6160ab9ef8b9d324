"""Inception features of images, in constant memory."""

import functools
import operator

import numpy as np

from kerasgan.metrics.inception.network import FEATURES, check_features
from kerasgan.metrics.inception.resize import (
    RESIZES,
    check_resize,
    network_input,
)
from kerasgan.metrics.inception.weights import load_inception
from kerasgan.sampling.inference import compile_inference
from kerasgan.utils.typing import Any, Iterator, PathLike


def inception_features(
    images: Any,
    features: str = "mixed_7",
    weights: PathLike | None = None,
    resize: str = "legacy",
    batch_size: int = 32,
    progress: Any = None,
) -> np.ndarray:
    """Computes features of images by the Inception network of 2015-12-05.

    Computed in float32. A feature depends on its image alone: neither on the
    batch size nor on the others in its batch, but for the rounding.

    Args:
        images: uint8 `[N, height, width, 1 or 3]`, an array or a memory map, which
            is read a batch at a time; or an iterable of such arrays, with any
            number of images each, all of one height and width.
        features: `"mixed_7"` (768), `"pool"` (2048) or `"logits"` (1008), see
            `kerasgan.metrics.inception.network.inception`. A Frechet distance
            of `"pool"` is the FID; one of `"mixed_7"` is FID-768, another
            number that is never compared with it.
        weights: path of the `.npz` of weights; by default the environment
            variable `KERASGAN_INCEPTION`, or else the file in the cache that
            `convert_inception()` makes.
        resize: `"legacy"`, `"clean"` or `"pytorch"`, see
            `kerasgan.metrics.inception.resize.network_input`.
        batch_size: images computed at once, at least 1. The last batch is
            filled up, so that the network is compiled once.
        progress: `None`, or a function `progress(done, total)` that is called
            with the number of images after each batch; `total` is `None` for
            an iterable without a length in images.

    Returns:
        float32 array `[N, 768 | 2048 | 1008]`.

    Raises:
        FileNotFoundError: there are no weights.
        ValueError: a wrong argument, no image, or weights that end before the
            requested features.
    """
    batches = list(
        stream_inception_features(
            images, features, weights, resize, batch_size, progress
        )
    )
    if not batches:
        raise ValueError(
            "Expected at least one image. Received: images without any"
        )
    return np.concatenate(batches)


def stream_inception_features(
    images: Any,
    features: str = "mixed_7",
    weights: PathLike | None = None,
    resize: str = "legacy",
    batch_size: int = 32,
    progress: Any = None,
) -> Iterator[np.ndarray]:
    """Yield the features of images a batch at a time.

    What is raised is as of `inception_features`, except that no image gives no
    feature. What is wrong with the arguments themselves is raised at once, what
    is wrong with an iterable's batches when they come.

    Args:
        images, features, weights, resize, batch_size, progress: as of
            `inception_features`.

    Returns:
        An iterator of float32 arrays `[batch_size or fewer, 768 | ...]`.
    """
    check_resize(resize)
    try:
        batch_size = operator.index(batch_size)
    except TypeError:
        batch_size = 0
    if batch_size < 1:
        raise ValueError(
            "`batch_size` must be an integer of at least 1. "
            f"Received: batch_size={batch_size}"
        )
    whole = hasattr(images, "ndim")
    if whole:
        images = _checked(images)
    model, _ = load_inception(features, weights)
    run = compile_inference(model, _FUNCTIONS[resize])
    total = len(images) if whole else None
    batches = (
        _slices(images, batch_size) if whole else _rebatched(images, batch_size)
    )
    return _stream(run, batches, batch_size, progress, total)


def inception_protocol(
    features: str = "mixed_7",
    weights: PathLike | None = None,
    resize: str = "legacy",
) -> dict[str, Any]:
    """Returns how features are computed, to be recorded with a number.

    Args:
        features, weights, resize: as of `inception_features`.

    Returns:
        dict: `network`, `features`, `dimensions`, `resize`, and
        `weights_sha256` of the file of weights.

    Raises:
        FileNotFoundError, ValueError: as in `inception_features`.
    """
    check_features(features)
    check_resize(resize)
    _, digest = load_inception(features, weights)
    return {
        "network": "inception-2015-12-05",
        "features": features,
        "dimensions": FEATURES[features],
        "resize": resize,
        "weights_sha256": digest,
    }


def _forward(resize, forward, images):
    return forward(network_input(images, resize))


# One object each, by which `compile_inference` knows its compiled form again.
_FUNCTIONS = {name: functools.partial(_forward, name) for name in RESIZES}


def _stream(run, batches, batch_size, progress, total):
    done = 0
    for batch in batches:
        rows = len(batch)
        if rows < batch_size:
            full = np.zeros((batch_size, *batch.shape[1:]), np.uint8)
            full[:rows] = batch
            batch = full
        yield run(batch)[:rows]
        done += rows
        if progress is not None:
            progress(done, total)


def _slices(images, batch_size):
    for begin in range(0, len(images), batch_size):
        yield images[begin : begin + batch_size]


def _rebatched(batches, batch_size):
    """Yields `batch_size` images at a time, and at last the remaining ones."""
    held, count, shape = [], 0, None
    for batch in batches:
        batch = _checked(batch)
        shape = shape or batch.shape[1:]
        if batch.shape[1:] != shape:
            raise ValueError(
                f"Expected images of one size, {shape} as the first. "
                f"Received: images.shape={batch.shape}"
            )
        begin = 0
        while begin < len(batch):
            part = batch[begin : begin + batch_size - count]
            # A copy: a generator may reuse the array that it yields.
            held.append(np.array(part))
            begin, count = begin + len(part), count + len(part)
            if count == batch_size:
                yield np.concatenate(held)
                held, count = [], 0
    if held:
        yield np.concatenate(held)


def _checked(images):
    images = np.asarray(images)
    if (
        images.ndim != 4
        or images.shape[-1] not in (1, 3)
        or 0 in images.shape[1:]
        or images.dtype != np.uint8
    ):
        raise ValueError(
            "Images must be uint8 of shape (N, height, width, 1 or 3) "
            "(kerasgan.sampling.to_uint8 converts images in [-1, 1]). "
            f"Received: images={images.dtype} {images.shape}"
        )
    # Gray is that value in each channel; no pixel is copied.
    return np.broadcast_to(images, (*images.shape[:3], 3))
