"""Generators and discriminators."""

import functools
from typing import TYPE_CHECKING, Any

from kerasgan.architectures import tables
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__,
    {
        "UPSAMPLINGS": lambda: (*tables.UPSAMPLINGS,),
        **{
            name: functools.partial(registry.load, getattr(tables, name))
            for name in ("ACTIVATIONS", "NORMALIZATIONS")
        },
        **{row.name: row.module for row in tables.ARCHITECTURES.values()},
    },
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
