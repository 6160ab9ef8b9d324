"""Augmentation of what the discriminator sees, real and generated alike."""

from typing import TYPE_CHECKING, Any

from kerasgan.gans.augmentation import table
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__, registry.exports({"AUGMENTATIONS": table.AUGMENTATIONS})
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
