"""Types of public signatures; Keras is not imported for them."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self, TypeAlias

# Of the backend in use, or what Keras makes one of.
Tensor: TypeAlias = Any
Shape: TypeAlias = tuple[int | None, ...]
PathLike: TypeAlias = str | os.PathLike[str]
# What Keras hands to callbacks.
Logs: TypeAlias = dict[str, Any] | None

__all__ = [
    "Any",
    "Callable",
    "Iterable",
    "Iterator",
    "Logs",
    "PathLike",
    "Self",
    "Sequence",
    "Shape",
    "Tensor",
]
