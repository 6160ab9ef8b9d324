"""The penalties."""

import dataclasses

from kerasgan.utils.registry import Flag, Integer, Number, Row


@dataclasses.dataclass(frozen=True)
class PenaltyRow(Row):
    """The row of a penalty.

    Attributes:
        of_generator: whether it is added to the generator's loss.
    """

    of_generator: bool = False


def _weighted(weight=10.0):
    """Returns the arguments of every penalty."""
    return {"weight": Number(weight, above=0), "interval": Integer(1, least=1)}


# Those of a penalty that has no row, too.
ARGUMENTS = _weighted()

PENALTIES = {
    "gradient_penalty": PenaltyRow(
        "kerasgan.gans.penalties.gradient_penalty:GradientPenalty",
        "Keeps the gradient norm near 1 between real and generated images",
        _weighted(),
    ),
    "r1": PenaltyRow(
        "kerasgan.gans.penalties.r1:R1",
        "Keeps the gradient small at real images",
        _weighted(),
    ),
    "r2": PenaltyRow(
        "kerasgan.gans.penalties.r2:R2",
        "Keeps the gradient small at generated images",
        _weighted(),
    ),
    "dragan": PenaltyRow(
        "kerasgan.gans.penalties.dragan:DRAGAN",
        "Keeps the gradient norm near 1 around real images",
        _weighted(),
    ),
    "orthonormal": PenaltyRow(
        "kerasgan.gans.penalties.orthonormal:Orthonormal",
        "Keeps the discriminator's filters orthonormal",
        _weighted(1e-4),
    ),
    "path_length": PenaltyRow(
        "kerasgan.gans.penalties.path_length:PathLength",
        "Lets images change evenly with their latents",
        {**_weighted(2.0), "relative": Flag(False)},
        of_generator=True,
    ),
}
