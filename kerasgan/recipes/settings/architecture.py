from typing import Annotated, Any, Literal

import pydantic
from pydantic import Field

from kerasgan.architectures import sizes, tables
from kerasgan.recipes.section import Section, setting

_DCGAN = tables.ARCHITECTURES["dcgan"].arguments
_RESNET = tables.ARCHITECTURES["resnet"].arguments
_SNGAN = tables.ARCHITECTURES["sngan"].arguments

# What an architecture sets of its discriminator -> the value if it is not set.
_OF_DISCRIMINATOR = {
    "discriminator_normalization": None,
    "dropout": 0,
    "logit_scale": None,
}


def _check_levels(section, image_shape):
    """Raise a ValueError unless a ResNet's levels fit each other and an image."""
    levels = len(section.features)
    problem = tables.ARCHITECTURES["resnet"].rule(vars(section))
    if problem:
        raise ValueError(problem)
    if min(image_shape[:2]) < 2**levels:
        raise ValueError(
            f"{levels} levels of features need an image_shape of at least "
            f"{2**levels} pixels a side. "
            f"Received: image_shape={list(image_shape)}"
        )


class Discriminator(Section):
    """A discriminator of another kind or size than its generator.

    The keys are those of an architecture that discriminators have.
    """

    kind: str
    # Declared here for its place among the keys: each kind has its own.
    features: Any
    normalization: setting("normalization", _DCGAN["normalization"])
    dropout: setting("dropout", _DCGAN["dropout"])
    activation: setting("activation", _DCGAN["activation"])
    logit_scale: setting("logit_scale", _DCGAN["logit_scale"])
    max_features: setting("max_features", _DCGAN["max_features"])


class DCGANDiscriminator(Discriminator):
    """The discriminator of `kerasgan.architectures.dcgan`."""

    kind: Literal["dcgan"]
    features: setting("features", _DCGAN["features"])


class ResNetDiscriminator(Discriminator):
    """The discriminator of `kerasgan.architectures.resnet`."""

    kind: Literal["resnet"]
    features: setting("features", _RESNET["features"])
    blocks: setting("blocks", _RESNET["blocks"])


class SNGANDiscriminator(Discriminator):
    """The discriminator of `kerasgan.architectures.sngan`."""

    kind: Literal["sngan"]
    features: setting("features", _SNGAN["features"])
    normalization: setting("normalization", _SNGAN["normalization"])
    network: setting("network", _SNGAN["network"])


class Architecture(Section):
    """The arguments that all functions of `kerasgan.architectures` take.

    `kind` is the function's name; the other keys are its arguments.
    `image_shape` is (height, width, channels), with 1 or 3 channels.
    `discriminator`, if it is given, sets its kind and size; the
    others then are the generator's.
    """

    kind: str
    image_shape: tuple[int, int, int]
    latent_dim: setting("latent_dim", _DCGAN["latent_dim"])
    # Declared here for its place among the keys: each kind has its own.
    features: Any
    normalization: setting("normalization", _DCGAN["normalization"])
    generator_normalization: setting(
        "generator_normalization", _DCGAN["generator_normalization"]
    )
    discriminator_normalization: setting(
        "discriminator_normalization", _DCGAN["discriminator_normalization"]
    )
    upsampling: setting("upsampling", _DCGAN["upsampling"])
    dropout: setting("dropout", _DCGAN["dropout"])
    activation: setting("activation", _DCGAN["activation"])
    logit_scale: setting("logit_scale", _DCGAN["logit_scale"])
    max_features: setting("max_features", _DCGAN["max_features"])
    discriminator: (
        Annotated[
            DCGANDiscriminator | ResNetDiscriminator | SNGANDiscriminator,
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
        """Returns what makes one of both networks.

        Args:
            network: `"generator"` or `"discriminator"`.

        Returns:
            A dictionary with the keys of a `Discriminator`, the sizes of
            images and latents, and for a generator `upsampling`.
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
        if (
            min(height, width) < 8
            or height % 2
            or width % 2
            or channels not in (1, 3)
        ):
            raise ValueError(
                "expected [height, width, channels] with even sizes of at "
                "least 8 pixels and 1 or 3 channels"
            )
        return shape


class DCGAN(Architecture):
    """The arguments of `kerasgan.architectures.dcgan`."""

    kind: Literal["dcgan"]
    features: setting("features", _DCGAN["features"])


class ResNet(Architecture):
    """The arguments of `kerasgan.architectures.resnet`.

    `features` and `blocks` have one number a level, from the level next to the
    image on.
    """

    kind: Literal["resnet"]
    features: setting("features", _RESNET["features"])
    blocks: setting("blocks", _RESNET["blocks"])

    @pydantic.model_validator(mode="after")
    def _check_levels(self):
        _check_levels(self, self.image_shape)
        return self


class SNGAN(Architecture):
    """The arguments of `kerasgan.architectures.sngan`."""

    kind: Literal["sngan"]
    features: setting("features", _SNGAN["features"])
    normalization: setting("normalization", _SNGAN["normalization"])
    upsampling: setting("upsampling", _SNGAN["upsampling"])
    network: setting("network", _SNGAN["network"])

    @pydantic.model_validator(mode="after")
    def _check_size(self):
        if self.network == "resnet":
            sizes.check_power_of_two(self.image_shape)
        return self


ARCHITECTURES = {"dcgan": DCGAN, "resnet": ResNet, "sngan": SNGAN}
DISCRIMINATORS = {
    "dcgan": DCGANDiscriminator,
    "resnet": ResNetDiscriminator,
    "sngan": SNGANDiscriminator,
}
