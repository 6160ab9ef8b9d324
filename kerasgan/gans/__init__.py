"""GANs as Keras models, one class a loss; penalties and augmentation."""

from typing import TYPE_CHECKING, Any

from kerasgan.gans import losses_table
from kerasgan.gans.augmentation import table as augmentation_table
from kerasgan.gans.penalties import table as penalties_table
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__,
    {
        "GAN": "kerasgan.gans.gan",
        "GeneratorPenalty": "kerasgan.gans.penalties.generator_penalty",
        "Penalty": "kerasgan.gans.penalties.penalty",
        **registry.exports(
            # The names that recipes use -> classes.
            {
                "AUGMENTATIONS": augmentation_table.AUGMENTATIONS,
                "LOSSES": losses_table.LOSSES,
                "PENALTIES": penalties_table.PENALTIES,
            }
        ),
    },
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
