from typing import Annotated, Literal

import pydantic
from pydantic import Field

from kerasgan.recipes.section import (
    Count,
    Fraction,
    Positive,
    Rate,
    Section,
    named,
)


class _Falling(Section):
    name: str
    start: Count = 0
    stop: Positive
    final: Fraction = 0.0

    @pydantic.model_validator(mode="after")
    def _check_stop(self):
        if self.stop <= self.start:
            raise ValueError(
                "stop must come after start. "
                f"Received: start={self.start}, stop={self.stop}"
            )
        return self


class Linear(_Falling):
    """From step `start` on in a straight line to `final` times the rate."""

    name: Literal["linear"]


class Cosine(_Falling):
    """From step `start` on along half a cosine to `final` times the rate."""

    name: Literal["cosine"]


class Exponential(Section):
    """From step `start` on the rate halves in every `half_life` steps."""

    name: Literal["exponential"]
    start: Count = 0
    half_life: Positive


DECAYS = {"linear": Linear, "cosine": Cosine, "exponential": Exponential}
Decay = Annotated[
    Linear | Cosine | Exponential, Field(discriminator="name"), named
]


class _Scheduled(Section):
    """What every optimizer has, beside the arguments of Keras's.

    The rate rises linearly within `warmup_steps`. Steps are those of training,
    whatever the number of updates in one; `decay` does not look at
    `training.steps`, so that a longer training begins as a shorter one.
    """

    # Declared here for its place among the keys.
    name: str
    learning_rate: Rate
    warmup_steps: Count = 0
    decay: Decay | None = None


class Adam(_Scheduled):
    """`keras.optimizers.Adam`."""

    name: Literal["adam"]
    beta_1: Fraction = 0.9
    beta_2: Fraction = 0.999
    epsilon: Rate = 1e-7


class RMSprop(_Scheduled):
    """`keras.optimizers.RMSprop` (its epsilon stands under the square root)."""

    name: Literal["rmsprop"]
    rho: Fraction = 0.9
    momentum: Fraction = 0.0
    epsilon: Rate = 1e-7


class SGD(_Scheduled):
    """`keras.optimizers.SGD`."""

    name: Literal["sgd"]
    momentum: Fraction = 0.0
    nesterov: bool = False


OPTIMIZERS = {"adam": Adam, "rmsprop": RMSprop, "sgd": SGD}
Optimizer = Annotated[Adam | RMSprop | SGD, Field(discriminator="name")]
