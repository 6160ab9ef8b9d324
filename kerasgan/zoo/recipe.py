"""Recipes: everything that is needed to train an entry of the zoo again."""

import copy
import os
from typing import Annotated, Literal, Optional, Union, get_args

import pydantic
import yaml
from pydantic import ConfigDict, Field

# What a recipe may ask for. These are plain names, so that reading a recipe
# does not import Keras; the tests hold them against the tables that turn them
# into code.
ARCHITECTURES = ("dcgan",)
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
LOSSES = ("non_saturating",)
PRECISIONS = ("float32", "mixed_bfloat16")

Normalization = Literal[NORMALIZATIONS]
Positive = Annotated[int, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(gt=0)]


class Section(pydantic.BaseModel):
    """A mapping of known keys. It is immutable; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        str_min_length=1,
    )


class Architecture(Section):
    """The arguments of a function of `kerasgan.architectures`.

    `kind` is the function's name; the other keys are its arguments.
    `image_shape` is (height, width, channels).
    """

    kind: Literal[ARCHITECTURES]
    image_shape: tuple[int, int, int]
    latent_dim: Positive = 128
    features: Positive = 64
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
    after `discriminator_steps` updates of the discriminator. Without an
    `ema_decay` no average of the generator's weights is kept.
    """

    loss: Literal[LOSSES] = "non_saturating"
    batch_size: Positive = 32
    steps: Positive
    discriminator_steps: Positive = 1
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    ema_decay: Optional[Fraction] = 0.999
    precision: Literal[PRECISIONS] = "float32"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class Recipe(Section):
    """A recipe, as it stands in an entry's `recipe.yaml`.

    `licence` is that of the weights, `data.licence` that of the pictures.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    summary: Annotated[str, Field(pattern=r"^[^\n]+$")]
    architecture: Architecture
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
        for key, value in pairs:
            _replace(content, key, value)
        return type(self).from_dict(content, source=f"recipe {self.name}")


def differences(one, other):
    """What differs between two recipes: a list of `(key, value, value)`."""
    values = [
        dict(_items(recipe.model_dump(mode="json"))) for recipe in (one, other)
    ]
    return [
        (key, values[0].get(key), values[1].get(key))
        for key in dict.fromkeys([*values[0], *values[1]])
        if values[0].get(key) != values[1].get(key)
    ]


def validate(model, content, source):
    """Check `content` against a pydantic model, with errors of one line.

    Raises:
        ValueError: `source: key: what is expected. Received: value`, for each
            value that is wrong.
    """
    try:
        return model.model_validate(content)
    except pydantic.ValidationError as error:
        problems = "; ".join(_problem(model, item) for item in error.errors())
        raise ValueError(f"{source}: {problems}") from None


def _problem(model, error):
    # Pydantic puts the name of the chosen optimizer into the path.
    path = [
        str(part)
        for at, part in enumerate(error["loc"])
        if not (at and part in OPTIMIZERS)
    ]
    where = ".".join(path)
    if error["type"] == "missing":
        return f"{where}: this key is missing"
    if error["type"] == "extra_forbidden":
        allowed = ", ".join(_keys_at(model, error["loc"][:-1]))
        return f"{where}: unknown key, expected one of {allowed}"
    message = error["msg"].removeprefix("Value error, ")
    # Errors of a whole section would print all of it.
    if not isinstance(error["input"], (dict, Recipe)):
        message += f". Received: {error['input']!r}"
    return f"{where}: {message}" if where else message


def _keys_at(model, path):
    for part in path:
        if part in OPTIMIZERS:
            model = OPTIMIZERS[part]
        elif isinstance(part, int):
            model = get_args(model)[0]
        elif part in getattr(model, "model_fields", {}):
            model = model.model_fields[part].annotation
    return list(getattr(model, "model_fields", {}))


def _replace(content, key, value):
    parts = key.split(".")
    if parts[0] not in content:
        sections = [
            name
            for name, section in content.items()
            if isinstance(section, dict) and parts[0] in section
        ]
        parts = sections + parts if len(sections) == 1 else parts
    if parts[0] not in content:
        near = [k for k in _leaves(content) if k.split(".")[-1] == parts[-1]]
        raise ValueError(
            f"{key}: no such key in a recipe, expected one of "
            f"{', '.join(near or _leaves(content))}"
        )
    if isinstance(value, str):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            raise ValueError(
                f"{key}: expected a value in YAML. Received: {value!r}"
            ) from None
    section = content
    for part in parts[:-1]:
        section = section.get(part)
        if not isinstance(section, dict):
            keys = ", ".join(_leaves(content))
            raise ValueError(
                f"{key}: no such key in a recipe, expected one of {keys}"
            )
    # A copy, in which the next pair may replace a key.
    section[parts[-1]] = copy.deepcopy(value)
    # Another optimizer keeps of the old one's settings what it has itself.
    if parts[-1] == "name" and len(parts) > 1 and value in OPTIMIZERS:
        for setting in set(section) - set(OPTIMIZERS[value].model_fields):
            del section[setting]


def _leaves(content):
    return [key for key, _ in _items(content)]


def _items(content, prefix=""):
    """The dotted keys and the values of a nested dictionary."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _items(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
