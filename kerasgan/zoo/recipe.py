"""Recipes: everything that is needed to train an entry of the zoo again."""

import os
from typing import Annotated, Literal, Optional, Union

import pydantic
import yaml
from pydantic import Field

from kerasgan.zoo import nested
from kerasgan.zoo.sections import Fraction, Positive, Rate, Section, validate

# What a recipe may ask for. These are plain names, so that reading a recipe
# does not import Keras; the tests hold them against the tables that turn them
# into code.
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
RESIZE_METHODS = ("area", "lanczos", "bilinear")
LOSSES = (
    "minimax",
    "non_saturating",
    "least_squares",
    "wasserstein",
    "wasserstein_gp",
    "hinge",
    "relativistic",
)
UPDATES = ("alternating", "simultaneous")
PRECISIONS = ("float32", "mixed_bfloat16")

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


class Data(Section):
    """Where the pictures come from and how they are cut.

    `image_size` and `crop` are in pixels: the middle `crop` x `crop` pixels
    (the largest centred square without `crop`) are resized to
    `image_size` x `image_size`. The other keys but the last three are those of
    `kerasgan.data.load`.
    """

    source: str
    split: str = "train"
    image_size: Annotated[int, Field(ge=8, multiple_of=2)]
    crop: Optional[Positive] = None
    resize: Literal[RESIZE_METHODS] = "area"
    flip: bool = True
    licence: str = "not stated"
    citation: str = "not stated"
    homepage: Optional[str] = None


class Adam(Section):
    """`keras.optimizers.Adam`."""

    name: Literal["adam"]
    learning_rate: Rate
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: Rate = 1e-7


class RMSprop(Section):
    """`keras.optimizers.RMSprop` (its epsilon stands under the square root)."""

    name: Literal["rmsprop"]
    learning_rate: Rate
    rho: Fraction = 0.9
    momentum: Fraction = 0.0
    epsilon: Rate = 1e-7


class SGD(Section):
    """`keras.optimizers.SGD`."""

    name: Literal["sgd"]
    learning_rate: Rate
    momentum: Fraction = 0.0
    nesterov: bool = False


OPTIMIZERS = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}
Optimizer = Annotated[Union[Adam, RMSprop, SGD], Field(discriminator="name")]


class Training(Section):
    """How the two networks are trained.

    `steps` counts updates of the generator, each on `batch_size` pictures
    after `discriminator_steps` updates of the discriminator; with
    `update: simultaneous` one batch and one pass serve both. Without an
    `ema_decay` no average of the generator's weights is kept.
    """

    loss: Literal[LOSSES] = "non_saturating"
    batch_size: Positive = 32
    steps: Positive
    discriminator_steps: Positive = 1
    update: Literal[UPDATES] = "alternating"
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    ema_decay: Optional[Fraction] = 0.999
    precision: Literal[PRECISIONS] = "float32"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @pydantic.model_validator(mode="after")
    def _check_update(self):
        if self.update == "simultaneous" and self.discriminator_steps != 1:
            raise ValueError(
                "simultaneous updates need discriminator_steps: 1"
            )
        return self


class Recipe(Section):
    """A recipe, as it stands in an entry's `recipe.yaml`.

    `licence` is that of the weights, `data.licence` that of the pictures.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    summary: Annotated[str, Field(pattern=r"^[^\n]+$")]
    architecture: Annotated[Union[DCGAN, ResNet], Field(discriminator="kind")]
    data: Data
    training: Training
    licence: str = "not stated"
    intended_use: str = "not stated"
    limits: Annotated[list[str], Field(min_length=1)] = ["not stated"]

    @pydantic.model_validator(mode="after")
    def _check_sizes(self):
        size = self.data.image_size
        if self.architecture.image_shape[:2] != (size, size):
            raise ValueError(
                "data.image_size and architecture.image_shape disagree: "
                f"{size} against {list(self.architecture.image_shape)}"
            )
        return self

    @classmethod
    def load(cls, path):
        """Read and check a recipe file.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: one line that names the file, the key and what is
                allowed there.
        """
        with open(path, "rb") as file:
            return cls.from_yaml(file.read(), source=os.fspath(path))

    @classmethod
    def from_yaml(cls, text, source="recipe"):
        """Read and check a recipe from YAML.

        Args:
            text: the YAML document.
            source: what errors call it.

        Raises:
            ValueError: one line that names `source`, the key and what is
                allowed there.
        """
        try:
            content = yaml.safe_load(text)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{source}: not a YAML document: {reason}"
            ) from None
        if not isinstance(content, dict):
            raise ValueError(
                f"{source}: expected a recipe, a mapping of keys to values. "
                f"Received: {type(content).__name__}"
            )
        return cls.from_dict(content, source)

    @classmethod
    def from_dict(cls, content, source="recipe"):
        """The recipe of a nested dictionary; errors as in `from_yaml`."""
        return validate(cls, content, source)

    def to_yaml(self):
        """The recipe as a YAML document with every key, defaults too."""
        return yaml.safe_dump(
            self.model_dump(mode="json"),
            sort_keys=False,
            allow_unicode=True,
            width=80,
        )

    def override(self, key, value):
        """A copy with one value replaced, as by `--set key=value`.

        Args:
            key: dotted, such as `"training.batch_size"`. The section may be
                left out where the rest names one key only (`"batch_size"`).
            value: the value, or its YAML text.

        Raises:
            ValueError: the key does not exist or the value is not allowed.
        """
        return self.override_all([(key, value)])

    def override_all(self, pairs):
        """A copy with several `(key, value)` pairs replaced at once.

        Only the outcome is checked, so that values which depend on each
        other, such as the image sizes, can change together.
        """
        content = self.model_dump(mode="json")
        kinds = {"name": OPTIMIZERS, "kind": ARCHITECTURES}
        for key, value in pairs:
            nested.replace(content, key, value, kinds)
        return type(self).from_dict(content, source=f"recipe {self.name}")


def differences(one, other):
    """What differs between two recipes: a list of `(key, value, value)`."""
    values = [
        dict(nested.items(recipe.model_dump(mode="json")))
        for recipe in (one, other)
    ]
    return [
        (key, values[0].get(key), values[1].get(key))
        for key in dict.fromkeys([*values[0], *values[1]])
        if values[0].get(key) != values[1].get(key)
    ]
