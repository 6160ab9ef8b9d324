"""Penalties of either network, which combine with any loss."""

from typing import TYPE_CHECKING, Any

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

    def __getattr__(name: str) -> Any: ...
