"""The classes of conditional networks."""

import dataclasses

from kerasgan.utils.private_names import flatten_layers
from kerasgan.utils.typing import Any, Sequence


@dataclasses.dataclass(frozen=True)
class Classes:
    """What a conditional network calls its classes.

    Attributes:
        count: the number of classes.
        names: a tuple of their names, `("0", "1", ...)` where they have none.
    """

    count: int
    names: tuple[str, ...]

    @property
    def named(self) -> bool:
        """Whether the classes have names of their own."""
        return self.names != tuple(map(str, range(self.count)))

    def index(self, label: Any) -> int:
        """Returns the index of a class.

        Args:
            label: its name, or its index as an integer or as text. A name
                comes first.

        Raises:
            ValueError: there is no such class; it names those that there are.
        """
        if isinstance(label, str) and label in self.names:
            return self.names.index(label)
        try:
            number = int(label) if isinstance(label, str) else label.__index__()
        except (AttributeError, ValueError):
            number = -1
        if isinstance(label, bool) or not 0 <= number < self.count:
            raise ValueError(
                f"Expected one of the classes {short_list(self.names)}, or an "
                f"index from 0 to {self.count - 1}. Received: label={label!r}"
            )
        return number


def check_num_classes(value: Any) -> int:
    """Returns a number of classes; raises a ValueError if it is not a positive integer."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(
            "Argument `num_classes` must be a positive integer. "
            f"Received: num_classes={value!r}"
        )
    return value


def is_conditional(network: Any) -> bool:
    """Returns whether a network takes labels: it has two inputs, and the second has one axis."""
    # Only here: names of classes are checked before Keras is imported.
    from kerasgan.utils import networks

    return has_labels(networks.input_shape(network))


def has_labels(shape: Any) -> bool:
    """Returns whether the shape of a network's input is that of a tensor and of labels."""
    return (
        isinstance(shape, (list, tuple))
        and len(shape) == 2
        and isinstance(shape[1], (list, tuple))
        and len(shape[1]) == 1
    )


def classes_of(network: Any) -> Classes | None:
    """Returns the classes of a network, of its first `OneHot` layer.

    Args:
        network: a `keras.Model`.

    Returns:
        `Classes`, or `None` if there is no such layer.
    """
    for layer in flatten_layers(network):
        if hasattr(layer, "class_names"):
            numbers = map(str, range(layer.num_classes))
            return Classes(
                layer.num_classes, tuple(layer.class_names or numbers)
            )
    return None


def label_limit(*models: Any) -> int | None:
    """Returns how many labels all of some models take, 0 to this number - 1.

    Args:
        *models: conditional `keras.Model`s.

    Returns:
        The number of classes of their `OneHot` layers, or else of rows of
        layers that take the labels themselves, such as `Embedding`; None if
        there are no such layers.
    """
    limits: list[int | None] = []
    for model in models:
        classes = classes_of(model)
        if classes is not None:
            limits.append(classes.count)
            continue
        # A model with a `call` of its own has no such inputs.
        labels = [*(getattr(model, "inputs", None) or [])][1:]
        for layer in model.layers if labels else []:
            if getattr(layer, "input", None) is labels[0]:
                inner = getattr(layer, "layer", layer)
                rows = getattr(inner, "input_dim", None)
                limits.append(rows or getattr(inner, "num_tokens", None))
    return min(filter(None, limits), default=None)


def spread_rows(labels: Any, count: int | None) -> Any:
    """Returns rows of as many classes as there are, in their order.

    Args:
        labels: integers `[N]`.
        count: the number of rows; None for all.

    Returns:
        Indices of `count` of the rows (all if there are fewer): the first of
        each class, then the second of each, and so on.
    """
    import numpy as np

    labels = np.asarray(labels)
    order = np.argsort(labels, kind="stable")
    _, sizes = np.unique(labels, return_counts=True)
    places = np.concatenate([np.arange(size) for size in sizes])
    return np.sort(order[np.argsort(places, kind="stable")][:count])


def short_list(names: Sequence[str], most: int = 10) -> str:
    """Returns names with commas, no more than `most` of them."""
    more = f", ... ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + more
