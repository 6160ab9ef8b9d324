"""The augmentations."""

from kerasgan.utils.registry import Integer, Names, Number, Row

POLICIES = ("color", "translation", "cutout")
_POLICY = {"policy": Names(POLICIES, choices=POLICIES)}

AUGMENTATIONS = {
    "diff_augment": Row(
        "kerasgan.gans.augmentation.diff_augment:DiffAugment",
        "Random changes of what the discriminator sees, differentiable",
        _POLICY,
    ),
    "adaptive_augment": Row(
        "kerasgan.gans.augmentation.adaptive_augment:AdaptiveAugment",
        "The same, as strong as the discriminator's overfitting needs",
        {
            **_POLICY,
            "target": Number(0.6, above=-1, below=1),
            "ramp": Number(500_000, above=0),
            "interval": Integer(4, least=1),
        },
    ),
}
