"""Generators and discriminators."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

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
    from kerasgan.architectures.dcgan import dcgan as dcgan
    from kerasgan.architectures.normalizations import Normalization
    from kerasgan.architectures.resnet import resnet as resnet
    from kerasgan.architectures.sngan import sngan as sngan

    ACTIVATIONS: dict[str, Callable]
    NORMALIZATIONS: dict[str, Normalization]
    UPSAMPLINGS: tuple[str, ...]
