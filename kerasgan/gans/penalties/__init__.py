"""Penalties of either network, which combine with any loss."""

from kerasgan.gans.penalties.dragan import DRAGAN
from kerasgan.gans.penalties.generator_penalty import GeneratorPenalty
from kerasgan.gans.penalties.gradient_penalty import GradientPenalty
from kerasgan.gans.penalties.orthonormal import Orthonormal
from kerasgan.gans.penalties.path_length import PathLength
from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.gans.penalties.r1 import R1
from kerasgan.gans.penalties.r2 import R2

__all__ = [
    "DRAGAN",
    "PENALTIES",
    "R1",
    "R2",
    "GeneratorPenalty",
    "GradientPenalty",
    "Orthonormal",
    "PathLength",
    "Penalty",
]

# The names that recipes use.
PENALTIES = {
    "gradient_penalty": GradientPenalty,
    "r1": R1,
    "r2": R2,
    "dragan": DRAGAN,
    "orthonormal": Orthonormal,
    "path_length": PathLength,
}
