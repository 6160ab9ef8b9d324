"""Augmentation of what the discriminator sees, real and generated alike."""

from kerasgan.gans.augmentation import table
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__, registry.exports({"AUGMENTATIONS": table.AUGMENTATIONS})
)
