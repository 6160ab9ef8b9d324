"""Augmentation of what the discriminator sees, real and generated alike."""

from kerasgan import lazy, registry
from kerasgan.gans.augmentation import table

__all__ = lazy.export(
    __name__, registry.exports({"AUGMENTATIONS": table.AUGMENTATIONS})
)
