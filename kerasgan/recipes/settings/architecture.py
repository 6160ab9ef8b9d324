"""The sections of architectures, whose keys are the rows' arguments."""

from typing import Literal

import pydantic

from kerasgan.architectures import sizes, tables
from kerasgan.recipes.section import Section, one_of, settings

# Arguments that a discriminator alone does not have.
_OF_GENERATOR = (
    *("latent_dim", "upsampling"),
    *("generator_normalization", "discriminator_normalization"),
)
# What an architecture sets of its discriminator -> the value if it is not set.
_OF_DISCRIMINATOR = {
    "discriminator_normalization": None,
    "dropout": 0,
    "logit_scale": None,
}


def _check_fit(section, image_shape):
    """Raise a ValueError unless arguments fit each other and the images."""
    rule = tables.ARCHITECTURES[section.kind].rule
    problem = rule and rule(vars(section))
    if problem:
        raise ValueError(problem)
    if section.kind == "resnet":
        sizes.check_image_shape(image_shape, len(section.features))
    elif section.kind == "sngan" and section.network == "resnet":
        sizes.check_power_of_two(image_shape)


class Architecture(Section):
    """The arguments of a function of `kerasgan.architectures`.

    `kind` is the function's name; the other keys are its arguments.
    `image_shape` is (height, width, channels), with 1 or 3 channels.
    `discriminator`, if it is given, sets its kind and size; the
    others then are the generator's.
    """

    kind: str
    image_shape: tuple[int, int, int]

    @pydantic.model_validator(mode="after")
    def _check(self):
        _check_fit(self, self.image_shape)
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
        _check_fit(own, self.image_shape)
        return self

    def of(self, network):
        """Returns what makes one of both networks.

        Args:
            network: `"generator"` or `"discriminator"`.

        Returns:
            A dictionary with the keys of a discriminator's section, the sizes
            of images and latents, and for a generator `upsampling`.
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
        of_discriminator = network == "discriminator"
        left_out = _OF_GENERATOR if of_discriminator else _OF_DISCRIMINATOR
        return {k: v for k, v in content.items() if k not in left_out}

    @pydantic.field_validator("image_shape")
    @classmethod
    def _check_image_shape(cls, shape):
        sizes.check_image_shape(shape)
        if shape[2] not in (1, 3):
            raise ValueError("expected 1 or 3 channels")
        return shape


def _sections(base, left_out=(), **more):
    """Returns a section of a recipe for each architecture, by its name."""
    found = {}
    for name, row in tables.ARCHITECTURES.items():
        own = {k: a for k, a in row.arguments.items() if k not in left_out}
        keys = {"kind": Literal[name], **settings(own), **more}
        found[name] = pydantic.create_model(
            row.name, __base__=base, __doc__=row.summary, **keys
        )
    return found


DISCRIMINATORS = _sections(Section, _OF_GENERATOR)
# `discriminator` is one of another kind or size than its generator.
ARCHITECTURES = _sections(
    Architecture, discriminator=(one_of(DISCRIMINATORS, "kind") | None, None)
)
