from typing import Annotated, Literal, Optional

import pydantic
from pydantic import Field

from kerasgan.zoo.sections import Fraction, Positive, Rate, Section

NORMALIZATIONS = (
    "none",
    "batch",
    "layer",
    "weight",
    "weight-affine",
    "spectral",
)
UPSAMPLINGS = ("transposed", "nearest", "bilinear")
ACTIVATIONS = ("relu", "leaky_relu", "prelu", "trelu", "tprelu")

Normalization = Literal[NORMALIZATIONS]
Counts = Annotated[list[Positive], Field(min_length=1)]


class Architecture(Section):
    """The arguments that all functions of `kerasgan.architectures` take.

    `kind` is the function's name; the other keys are its arguments.
    `image_shape` is (height, width, channels).
    """

    kind: str
    image_shape: tuple[int, int, int]
    latent_dim: Positive = 128
    # Declared here for its place among the keys: each kind has its own.
    features: Positive | Counts
    normalization: Normalization = "weight"
    generator_normalization: Optional[Normalization] = None
    discriminator_normalization: Optional[Normalization] = None
    upsampling: Literal[UPSAMPLINGS] = "transposed"
    dropout: Fraction = 0.0
    activation: Optional[Literal[ACTIVATIONS]] = None
    logit_scale: Optional[Rate] = None

    @pydantic.field_validator("image_shape")
    @classmethod
    def _check_image_shape(cls, shape):
        height, width, channels = shape
        if min(height, width) < 8 or height % 2 or width % 2 or channels != 3:
            raise ValueError(
                "expected [height, width, 3] with even sizes of at least 8 pixels"
            )
        return shape


class DCGAN(Architecture):
    """The arguments of `kerasgan.architectures.dcgan`."""

    kind: Literal["dcgan"]
    features: Positive = 64


class ResNet(Architecture):
    """The arguments of `kerasgan.architectures.resnet`.

    `features` and `blocks` have one number a level, from the level next to the
    picture on.
    """

    kind: Literal["resnet"]
    features: Counts = [64, 128, 256, 384, 512]
    blocks: Counts = [2, 2, 2, 2, 2]

    @pydantic.model_validator(mode="after")
    def _check_levels(self):
        levels = len(self.features)
        if len(self.blocks) != levels:
            raise ValueError(
                "blocks must have as many entries as features. Received: "
                f"blocks={self.blocks}, features={self.features}"
            )
        if min(self.image_shape[:2]) < 2**levels:
            raise ValueError(
                f"{levels} levels of features need an image_shape of at least "
                f"{2**levels} pixels a side. "
                f"Received: image_shape={list(self.image_shape)}"
            )
        return self


ARCHITECTURES = {"dcgan": DCGAN, "resnet": ResNet}
