from typing import Annotated, Literal

import pydantic
from pydantic import Field

from kerasgan.recipes.section import Positive, Section, named

POLICIES = ("color", "translation", "cutout")


class DiffAugment(Section):
    """`kerasgan.gans.DiffAugment`."""

    name: Literal["diff_augment"]
    policy: Annotated[list[Literal[POLICIES]], Field(min_length=1)] = [
        *POLICIES
    ]

    @pydantic.field_validator("policy")
    @classmethod
    def _check_policy(cls, policy):
        if len(set(policy)) < len(policy):
            raise ValueError("each name must come once")
        return policy


class AdaptiveAugment(DiffAugment):
    """`kerasgan.gans.AdaptiveAugment`."""

    name: Literal["adaptive_augment"]
    target: Annotated[float, Field(gt=-1, lt=1)] = 0.6
    ramp: Positive = 500_000
    interval: Positive = 4


AUGMENTATIONS = {
    "diff_augment": DiffAugment,
    "adaptive_augment": AdaptiveAugment,
}
# A name alone stands for the augmentation with its defaults.
Augmentation = Annotated[
    DiffAugment | AdaptiveAugment, Field(discriminator="name"), named
]
