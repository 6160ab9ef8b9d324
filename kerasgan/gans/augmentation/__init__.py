"""Augmentation of what the discriminator sees, real and generated alike."""

from kerasgan.gans.augmentation.adaptive_augment import AdaptiveAugment
from kerasgan.gans.augmentation.diff_augment import DiffAugment

__all__ = ["AUGMENTATIONS", "AdaptiveAugment", "DiffAugment"]

# The names that recipes use.
AUGMENTATIONS = {
    "diff_augment": DiffAugment,
    "adaptive_augment": AdaptiveAugment,
}
