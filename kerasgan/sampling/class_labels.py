"""The choice of classes, and generators that take mixtures of them."""

import functools
import weakref

import keras
import numpy as np

from kerasgan.sampling.normal_latents import check_integer, seed_key, threefry
from kerasgan.utils.classes import (
    Classes,
    classes_of,
    is_conditional,
    label_limit,
)
from kerasgan.utils.typing import Any

ALL = "all"

# generator -> the model of latents and class weights, of the same weights.
_mixing: weakref.WeakKeyDictionary[keras.Model, keras.Model] = (
    weakref.WeakKeyDictionary()
)


def labels(
    count: int, num_classes: int, seed: int = 0, start: Any = 0
) -> np.ndarray:
    """Draws uniform labels that depend on their seed and place alone.

    Label i is made from `(seed, i)` alone, with the word of Threefry-2x32-20
    that `latents` leaves: under the same key, the second word y at the counter
    (i, 0), label_i = floor(y * num_classes / 2^32).

    Args:
        count: the number of labels, at least 1.
        num_classes: the number of classes, at least 1.
        seed: an integer of 64 bits with sign.
        start: the index i of the first label, at least 0.

    Returns:
        int32 array of shape `[count]`, from 0 to `num_classes - 1`.

    Raises:
        ValueError: an argument outside its range.
    """
    count = check_integer("count", count, 1, 1 << 32)
    num_classes = check_integer("num_classes", num_classes, 1, 1 << 31)
    start = check_integer("start", start, 0, (1 << 32) - count)
    rows = np.arange(start, start + count, dtype=np.uint32)
    _, words = threefry(seed_key(seed), (rows, np.uint32(0)))
    scaled = words.astype(np.uint64) * np.uint64(num_classes)
    return (scaled >> np.uint64(32)).astype(np.int32)


def chosen_labels(
    generator: keras.Model,
    count: int,
    seed: int = 0,
    start: Any = 0,
    label: Any = None,
) -> np.ndarray | None:
    """Returns the labels of the images that `kerasgan.sample` draws.

    Args:
        generator: a `keras.Model`.
        count, seed, start, label: as of `kerasgan.sampling.stream`.

    Returns:
        int32 array of shape `[count]`, `[count * num_classes]` for `"all"`; or
        None if the generator takes no labels.

    Raises:
        ValueError: no such class, the generator takes no labels, or it does
            not state how many classes it has and `label` needs that.
    """
    if not is_conditional(generator):
        if label is not None:
            raise ValueError(
                "The generator is not class-conditional: omit `label`. "
                f"Received: label={label!r}"
            )
        return None
    classes = classes_of(generator)
    index = functools.partial(_index, generator, classes)
    if label is None:
        return labels(count, _known(classes, label).count, seed, start)
    if isinstance(label, str) and label == ALL:
        number = _known(classes, label).count
        return np.repeat(np.arange(number, dtype=np.int32), count)
    if isinstance(label, str) or np.ndim(label) == 0:
        return np.full(count, index(label), np.int32)
    if np.shape(label) != (count,):
        raise ValueError(
            f"Expected one label, or as many as images, {count}. "
            f"Received: {' x '.join(map(str, np.shape(label)))} labels"
        )
    return np.array([index(name) for name in label], np.int32)


def mixing_model(generator: keras.Model) -> keras.Model:
    """Returns a conditional generator as a model of latents and class weights.

    It has the generator's weights, and is kept as long as that lives.

    Args:
        generator: a conditional `keras.Model` whose labels enter by one
            `kerasgan.layers.OneHot` alone.

    Returns:
        A `keras.Model`: `[latents [N, latent_dim], weights [N, num_classes]]`
        -> images.

    Raises:
        ValueError: its classes cannot be mixed.
    """
    if generator not in _mixing:
        try:
            (layer,) = (
                x for x in generator.layers if hasattr(x, "class_names")
            )
            if layer.input is not generator.inputs[1]:
                raise ValueError(f"{layer.name} takes more than labels")
            weights = keras.Input((layer.num_classes,), name="weights")
            # A model that begins at the layer's output would change the
            # generator's own graph, which could not be saved any more.
            _mixing[generator] = keras.models.clone_model(
                generator,
                [keras.Input(generator.inputs[0].shape[1:]), weights],
                clone_function=lambda x: (
                    keras.layers.Identity() if x is layer else x
                ),
            )
        except (AttributeError, ValueError) as error:
            raise ValueError(
                "Classes are mixed in a Functional model whose labels enter by "
                "one kerasgan.layers.OneHot alone. "
                f"Received: generator={generator.name!r}"
            ) from error
    return _mixing[generator]


def _known(classes: Classes | None, label: Any) -> Classes:
    if classes is None:
        raise ValueError(
            "The generator does not say how many classes it has: let its labels "
            "enter through kerasgan.layers.OneHot, or give them as integers. "
            f"Received: label={label!r}"
        )
    return classes


def _index(generator, classes, label):
    if classes is not None:
        return classes.index(label)
    if isinstance(label, str):
        _known(classes, label)
    limit = label_limit(generator) or 1 << 31
    return check_integer("label", label, 0, limit - 1)
