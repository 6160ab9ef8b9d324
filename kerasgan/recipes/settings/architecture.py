from typing import Annotated, Literal

import pydantic
from pydantic import Field

from kerasgan.recipes.section import Fraction, Positive, Rate, Section

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

# What an architecture says of its discriminator -> that it says nothing.
_OF_DISCRIMINATOR = {
    "discriminator_normalization": None,
    "dropout": 0,
    "logit_scale": None,
}


def _check_levels(section, image_shape):
    """Raise a ValueError unless a ResNet's levels fit each other and a picture."""
    levels = len(section.features)
    if len(section.blocks) != levels:
        raise ValueError(
            "blocks must have as many entries as features. Received: "
            f"blocks={section.blocks}, features={section.features}"
        )
    if min(image_shape[:2]) < 2**levels:
        raise ValueError(
            f"{levels} levels of features need an image_shape of at least "
            f"{2**levels} pixels a side. "
            f"Received: image_shape={list(image_shape)}"
        )


class Discriminator(Section):
    """A discriminator of another kind or size than the generator beside it.

    The keys are those of an architecture that discriminators have.
    """

    kind: str
    # Declared here for its place among the keys: each kind has its own.
    features: Positive | Counts
    normalization: Normalization = "weight"
    dropout: Fraction = 0.0
    activation: Literal[ACTIVATIONS] | None = None
    logit_scale: Rate | None = None


class DCGANDiscriminator(Discriminator):
    """The discriminator of `kerasgan.architectures.dcgan`."""

    kind: Literal["dcgan"]
    features: Positive = 64


class ResNetDiscriminator(Discriminator):
    """The discriminator of `kerasgan.architectures.resnet`."""

    kind: Literal["resnet"]
    features: Counts = [64, 128, 256, 384, 512]
    blocks: Counts = [2, 2, 2, 2, 2]


class Architecture(Section):
    """The arguments that all functions of `kerasgan.architectures` take.

    `kind` is the function's name; the other keys are its arguments.
    `image_shape` is (height, width, channels). `discriminator`, where it is
    given, says of what kind and size that one is; the others then are the
    generator's.
    """

    kind: str
    image_shape: tuple[int, int, int]
    latent_dim: Positive = 128
    # Declared here for its place among the keys: each kind has its own.
    features: Positive | Counts
    normalization: Normalization = "weight"
    generator_normalization: Normalization | None = None
    discriminator_normalization: Normalization | None = None
    upsampling: Literal[UPSAMPLINGS] = "transposed"
    dropout: Fraction = 0.0
    activation: Literal[ACTIVATIONS] | None = None
    logit_scale: Rate | None = None
    discriminator: (
        Annotated[
            DCGANDiscriminator | ResNetDiscriminator,
            Field(discriminator="kind"),
        ]
        | None
    ) = None

    @pydantic.model_validator(mode="after")
    def _check_discriminator(self):
        own = self.discriminator
        if own is None:
            return self
        for key, nothing in _OF_DISCRIMINATOR.items():
            value = getattr(self, key)
            if value != nothing:
                raise ValueError(
                    f"{key} belongs to the discriminator: set "
                    f"discriminator.{key} instead. Received: {key}={value!r}"
                )
        if isinstance(own, ResNetDiscriminator):
            _check_levels(own, self.image_shape)
        return self

    def of(self, network):
        """What makes one of both networks.

        Args:
            network: `"generator"` or `"discriminator"`.

        Returns:
            A dictionary with the keys of a `Discriminator`, the sizes of
            pictures and latents, and for a generator `upsampling`.
        """
        content = self.model_dump(mode="json")
        own = content.pop("discriminator")
        if network == "discriminator" and own is not None:
            return {"image_shape": content["image_shape"], **own}
        norms = {
            part: content.pop(f"{part}_normalization")
            for part in ("generator", "discriminator")
        }
        content["normalization"] = norms[network] or content["normalization"]
        others = {
            "generator": ("dropout", "logit_scale"),
            "discriminator": ("latent_dim", "upsampling"),
        }
        for key in others[network]:
            del content[key]
        return content

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
        _check_levels(self, self.image_shape)
        return self


ARCHITECTURES = {"dcgan": DCGAN, "resnet": ResNet}
DISCRIMINATORS = {"dcgan": DCGANDiscriminator, "resnet": ResNetDiscriminator}
