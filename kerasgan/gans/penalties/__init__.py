"""Penalties of either network, which combine with any loss."""

from kerasgan import lazy, registry
from kerasgan.gans.penalties import table

__all__ = lazy.export(
    __name__,
    {
        "GeneratorPenalty": "kerasgan.gans.penalties.generator_penalty",
        "Penalty": "kerasgan.gans.penalties.penalty",
        **registry.exports({"PENALTIES": table.PENALTIES}),
    },
)
