import copy
from typing import Annotated, Literal

import pydantic
from pydantic import Field

from kerasgan.optimizers.presets import PRESETS
from kerasgan.recipes.section import Fraction, Positive, Rate, Section
from kerasgan.recipes.settings.augmentation import Augmentation
from kerasgan.recipes.settings.optimizers import Optimizer
from kerasgan.recipes.settings.penalties import Penalty

LOSSES = (
    "minimax",
    "non_saturating",
    "least_squares",
    "wasserstein",
    "wasserstein_gp",
    "hinge",
    "relativistic",
    "relativistic_pairing",
)
UPDATES = ("alternating", "simultaneous")
PRECISIONS = ("float32", "mixed_bfloat16")

# Arguments that one loss alone has.
_OF_ONE_LOSS = {"label_smoothing": "non_saturating", "clip": "wasserstein"}
# Losses whose logits for real pictures need not be positive.
_WITHOUT_ZERO = (
    "wasserstein",
    "wasserstein_gp",
    "relativistic",
    "relativistic_pairing",
)


class Training(Section):
    """How the two networks are trained.

    `steps` counts updates of the generator, each on `batch_size` pictures
    after `discriminator_steps` updates of the discriminator; with
    `update: simultaneous` one batch and one pass serve both.
    `gradient_accumulation` is the number of parts in which each batch is
    computed. `label_smoothing` is of the non-saturating loss, `clip` (0.01
    without it) of the Wasserstein loss. Without `penalties` there are those of
    the loss: none, or the gradient penalty of `wasserstein_gp`, which also
    joins penalties of the generator alone. Without an `ema_decay` no
    average of the generator's weights is kept. A `preset` fills in both optimizers and
    `discriminator_steps`, where they are not given.
    """

    loss: Literal[LOSSES] = "non_saturating"
    label_smoothing: Fraction = 0.0
    clip: Rate | None = None
    penalties: list[Penalty] | None = None
    augmentation: Augmentation | None = None
    batch_size: Positive = 32
    gradient_accumulation: Positive = 1
    steps: Positive
    discriminator_steps: Positive = 1
    update: Literal[UPDATES] = "alternating"
    # It is kept as what it stands for.
    preset: Annotated[Literal[tuple(PRESETS)] | None, Field(exclude=True)] = (
        None
    )
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    ema_decay: Annotated[float | None, Field(gt=0, lt=1)] = 0.999
    precision: Literal[PRECISIONS] = "float32"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @pydantic.model_validator(mode="before")
    @classmethod
    def _expand(cls, content):
        name = content.get("preset") if isinstance(content, dict) else None
        if isinstance(name, str) and name in PRESETS:
            given = {k: v for k, v in content.items() if k != "preset"}
            return {**PRESETS[name], **given}
        return content

    @pydantic.field_validator("penalties", mode="before")
    @classmethod
    def _listed(cls, penalties):
        # One penalty needs no list.
        one = isinstance(penalties, (str, dict))
        return [penalties] if one else penalties

    @pydantic.model_validator(mode="after")
    def _check(self):
        if self.update == "simultaneous" and self.discriminator_steps != 1:
            raise ValueError(
                "simultaneous updates need discriminator_steps: 1. "
                f"Received: discriminator_steps={self.discriminator_steps}"
            )
        if self.batch_size % self.gradient_accumulation:
            raise ValueError(
                "batch_size must be a multiple of gradient_accumulation. "
                f"Received: batch_size={self.batch_size}, "
                f"gradient_accumulation={self.gradient_accumulation}"
            )
        for argument, loss in _OF_ONE_LOSS.items():
            if getattr(self, argument) and self.loss != loss:
                raise ValueError(
                    f"{argument} is of loss: {loss} alone. Received: "
                    f"{argument}={getattr(self, argument)}, loss={self.loss}"
                )
        augmentation = self.augmentation
        if (
            augmentation is not None
            and augmentation.name == "adaptive_augment"
            and self.loss in _WITHOUT_ZERO
        ):
            raise ValueError(
                "adaptive_augment follows the sign of logits, which says "
                f"nothing with the losses {', '.join(_WITHOUT_ZERO)}: set "
                "augmentation to null or diff_augment. "
                f"Received: loss={self.loss}"
            )
        return self

    @property
    def loss_arguments(self):
        """The arguments that the class of the loss takes beside `GAN`'s."""
        return {
            argument: getattr(self, argument)
            for argument, loss in _OF_ONE_LOSS.items()
            if loss == self.loss and getattr(self, argument) is not None
        }


def expand(content, key):
    """Write out what a name that was set in a training's dictionary stands for.

    What is set after it may be a part of that.

    Args:
        content: the dictionary, changed in place.
        key: `"preset"`, `"penalties"`, `"augmentation"`, an optimizer's
            `"....decay"` or any other.

    Raises:
        ValueError: there is no such preset.
    """
    if not isinstance(content, dict):
        # Which will be refused as a whole.
        return
    value = content.get(key)
    if key.endswith("_optimizer.decay"):
        optimizer = content.get(key.removesuffix(".decay"))
        if isinstance(optimizer, dict):
            optimizer["decay"] = _section(optimizer.get("decay"))
    elif key == "preset":
        if not isinstance(value, str) or value not in PRESETS:
            raise ValueError(
                f"preset: expected one of {', '.join(PRESETS)}. "
                f"Received: {value!r}"
            )
        content.update(copy.deepcopy(PRESETS[content.pop("preset")]))
    elif key == "augmentation":
        content[key] = _section(value)
    elif key == "penalties" and value is not None:
        listed = value if isinstance(value, list) else [value]
        content[key] = [_section(item) for item in listed]


def _section(value):
    return {"name": value} if isinstance(value, str) else value
