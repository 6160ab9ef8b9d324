import copy
from typing import Annotated, Literal

import pydantic
from pydantic import Field

from kerasgan.callbacks.measures_table import CHOOSERS
from kerasgan.gans import losses_table
from kerasgan.gans.augmentation.table import AUGMENTATIONS
from kerasgan.gans.losses_table import LOSSES
from kerasgan.optimizers.presets import PRESETS
from kerasgan.recipes.choices import choice_problem
from kerasgan.recipes.section import Positive, Section, named, setting, settings
from kerasgan.recipes.settings.augmentation import Augmentation
from kerasgan.recipes.settings.optimizers import Optimizer
from kerasgan.recipes.settings.penalties import Penalty
from kerasgan.utils.registry import Choice

PRECISIONS = ("float32", "mixed_bfloat16")

# Arguments that some losses alone have -> the names of these.
_OF_LOSSES: dict[str, list[str]] = {}
for _name, _row in LOSSES.items():
    for _argument in _row.arguments:
        _OF_LOSSES.setdefault(_argument, []).append(_name)


def _unset(argument):
    """Returns the value of an argument that is not given, of any loss."""
    return None if argument.default else argument.default


# The keys that are arguments of a GAN's class.
_OfClass = pydantic.create_model(
    "_OfClass",
    __base__=Section,
    loss=setting("loss", Choice("non_saturating", choices=LOSSES)),
    **{
        name: setting(name, argument, default=_unset(argument))
        for row in LOSSES.values()
        for name, argument in row.arguments.items()
    },
    **settings(losses_table.GAN.arguments),
)


class Best(Section):
    """The rule that chooses networks among those of a training, into `best/`.

    The best by a measure of `kerasgan train --best`, taken every `every` steps
    on `count` images or samples; without them by their defaults there.
    """

    name: Literal[CHOOSERS]
    every: Positive | None = None
    count: Annotated[int, Field(ge=2)] | None = None


class Training(_OfClass):
    """How the two networks are trained.

    `steps` counts updates of the generator, each on `batch_size` images
    after `discriminator_steps` updates of the discriminator; with
    `update: simultaneous` one batch and one pass serve both.
    `gradient_accumulation` is the number of parts in which each batch is
    computed. Some losses have arguments of their own. Without `penalties` there
    are those of the loss, which also join penalties of the generator alone.
    Without an `ema_decay` no average of the generator's weights is kept. A
    `preset` fills in both optimizers and `discriminator_steps`, where they are
    not given. The weights of an entry are the last ones, or those that the rule
    `best` chooses.
    """

    penalties: list[Penalty] | None = None
    augmentation: Augmentation | None = None
    batch_size: Positive = 32
    steps: Positive
    # It is kept expanded.
    preset: Annotated[Literal[tuple(PRESETS)] | None, Field(exclude=True)] = (
        None
    )
    generator_optimizer: Optimizer
    discriminator_optimizer: Optimizer
    precision: Literal[PRECISIONS] = "float32"
    best: Annotated[Best | None, named] = None
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
        alone = isinstance(penalties, (str, dict))
        return [penalties] if alone else penalties

    @pydantic.model_validator(mode="after")
    def _check(self):
        problem = losses_table.GAN.rule(vars(self))
        if problem:
            raise ValueError(problem)
        names = [penalty.name for penalty in self.penalties or ()]
        if len(set(names)) < len(names):
            raise ValueError(
                "penalties: expected each once; its weight says how much it "
                f"counts. Received: {', '.join(names)}"
            )
        if self.batch_size % self.gradient_accumulation:
            raise ValueError(
                "batch_size must be a multiple of gradient_accumulation. "
                f"Received: batch_size={self.batch_size}, "
                f"gradient_accumulation={self.gradient_accumulation}"
            )
        for argument, names in _OF_LOSSES.items():
            if getattr(self, argument) and self.loss not in names:
                raise ValueError(
                    f"{argument} is of loss: {' or '.join(names)} alone. Received: "
                    f"{argument}={getattr(self, argument)}, loss={self.loss}"
                )
        augmentation = self.augmentation
        if (
            augmentation is not None
            and AUGMENTATIONS[augmentation.name].needs_zero
            and not LOSSES[self.loss].has_zero
        ):
            others = [n for n, row in LOSSES.items() if not row.has_zero]
            raise ValueError(
                f"{augmentation.name} follows the sign of logits, which says "
                f"nothing with the losses {', '.join(others)}: set "
                "augmentation to null or diff_augment. "
                f"Received: loss={self.loss}"
            )
        return self

    @property
    def class_arguments(self):
        """The arguments of the loss's class that are values, by their name."""
        own = LOSSES[self.loss].arguments
        return {
            name: getattr(self, name)
            for name in (*own, *losses_table.GAN.arguments)
            if name not in own or getattr(self, name) is not None
        }


def expand(content, key):
    """Expand a preset's name that was set in a training's dictionary.

    What is set after it may be a part of that.

    Args:
        content: the dictionary, changed in place.
        key: `"preset"`, `"penalties"`, `"augmentation"`, `"best"`, an optimizer's
            `"....decay"` or any other.

    Raises:
        ValueError: there is no such preset.
    """
    if not isinstance(content, dict):
        # Which will be rejected as a whole.
        return
    value = content.get(key)
    if key.endswith("_optimizer.decay"):
        optimizer = content.get(key.removesuffix(".decay"))
        if isinstance(optimizer, dict):
            optimizer["decay"] = _section(optimizer.get("decay"))
    elif key == "preset":
        problem = choice_problem("preset", PRESETS, value)
        if problem:
            raise ValueError(f"preset: {problem}")
        content.update(copy.deepcopy(PRESETS[content.pop("preset")]))
    elif key in ("augmentation", "best"):
        content[key] = _section(value)
    elif key == "penalties" and value is not None:
        listed = value if isinstance(value, list) else [value]
        content[key] = [_section(item) for item in listed]


def _section(value):
    return {"name": value} if isinstance(value, str) else value
