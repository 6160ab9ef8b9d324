"""Augmentation of what the discriminator sees, real and generated alike."""

from typing import TYPE_CHECKING

from kerasgan.gans.augmentation import table
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__, registry.exports({"AUGMENTATIONS": table.AUGMENTATIONS})
)

if TYPE_CHECKING:
    from kerasgan.gans.augmentation.adaptive_augment import (
        AdaptiveAugment as AdaptiveAugment,
    )
    from kerasgan.gans.augmentation.diff_augment import (
        DiffAugment as DiffAugment,
    )

    AUGMENTATIONS: dict[str, type[AdaptiveAugment | DiffAugment]]
