from typing import Annotated, Literal, Union

from pydantic import Field

from kerasgan.recipes.section import Positive, Rate, Section, named


class _Weighted(Section):
    """`interval` steps lie between one penalty and the next."""

    # Declared here for its place among the keys.
    name: str
    weight: Rate = 10.0
    interval: Positive = 1


class GradientPenalty(_Weighted):
    """`kerasgan.gans.GradientPenalty`."""

    name: Literal["gradient_penalty"]


class R1(_Weighted):
    """`kerasgan.gans.R1`."""

    name: Literal["r1"]


class R2(_Weighted):
    """`kerasgan.gans.R2`."""

    name: Literal["r2"]


class DRAGAN(_Weighted):
    """`kerasgan.gans.DRAGAN`."""

    name: Literal["dragan"]


class Orthonormal(_Weighted):
    """`kerasgan.gans.Orthonormal`."""

    name: Literal["orthonormal"]
    weight: Rate = 1e-4


class PathLength(_Weighted):
    """`kerasgan.gans.PathLength`."""

    name: Literal["path_length"]
    weight: Rate = 2.0
    relative: bool = False


PENALTIES = {
    "gradient_penalty": GradientPenalty,
    "r1": R1,
    "r2": R2,
    "dragan": DRAGAN,
    "orthonormal": Orthonormal,
    "path_length": PathLength,
}
# Those that are added to the generator's loss.
OF_GENERATOR = ("path_length",)
# A name alone stands for the penalty with its defaults.
Penalty = Annotated[
    Union[tuple(PENALTIES.values())],  # noqa: UP007
    Field(discriminator="name"),
    named,
]
