"""Penalties of either network, which combine with any loss."""

from typing import TYPE_CHECKING

from kerasgan.gans.penalties import table
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__,
    {
        "GeneratorPenalty": "kerasgan.gans.penalties.generator_penalty",
        "Penalty": "kerasgan.gans.penalties.penalty",
        **registry.exports({"PENALTIES": table.PENALTIES}),
    },
)

if TYPE_CHECKING:
    from kerasgan.gans.penalties.dragan import DRAGAN as DRAGAN
    from kerasgan.gans.penalties.generator_penalty import (
        GeneratorPenalty as GeneratorPenalty,
    )
    from kerasgan.gans.penalties.gradient_penalty import (
        GradientPenalty as GradientPenalty,
    )
    from kerasgan.gans.penalties.orthonormal import Orthonormal as Orthonormal
    from kerasgan.gans.penalties.path_length import PathLength as PathLength
    from kerasgan.gans.penalties.penalty import Penalty as Penalty
    from kerasgan.gans.penalties.r1 import R1 as R1
    from kerasgan.gans.penalties.r2 import R2 as R2

    PENALTIES: dict[str, type[Penalty | GeneratorPenalty]]
