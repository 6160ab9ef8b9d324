"""The augmentations."""

import dataclasses

from kerasgan.utils.registry import Integer, Names, Number, Row

POLICIES = ("color", "translation", "cutout")
_POLICY = {"policy": Names(POLICIES, choices=POLICIES)}


@dataclasses.dataclass(frozen=True)
class AugmentationRow(Row):
    """The row of an augmentation.

    Attributes:
        needs_zero: whether it follows the sign of logits (`LossRow.has_zero`).
    """

    needs_zero: bool = False


AUGMENTATIONS = {
    "diff_augment": AugmentationRow(
        "kerasgan.gans.augmentation.diff_augment:DiffAugment",
        "Random changes of what the discriminator sees, differentiable",
        _POLICY,
    ),
    "adaptive_augment": AugmentationRow(
        "kerasgan.gans.augmentation.adaptive_augment:AdaptiveAugment",
        "The same, as strong as the discriminator's overfitting needs",
        {
            **_POLICY,
            "target": Number(0.6, above=-1, below=1),
            "ramp": Number(500_000, above=0),
            "interval": Integer(4, least=1),
        },
        needs_zero=True,
    ),
}
