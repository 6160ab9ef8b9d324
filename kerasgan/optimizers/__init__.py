"""Learning-rate schedules, and the named settings of papers."""

from typing import TYPE_CHECKING

# `PRESETS` is read where Keras is not needed: what needs it is imported at its
# first use.
from kerasgan.optimizers.presets import PRESETS
from kerasgan.utils import lazy

__all__ = [
    "PRESETS",
    *lazy.export(
        __name__,
        {
            "Delay": "kerasgan.optimizers.delay",
            "Preset": "kerasgan.optimizers.lookup",
            "WarmUp": "kerasgan.optimizers.warm_up",
            "preset": "kerasgan.optimizers.lookup",
        },
    ),
]

if TYPE_CHECKING:
    from kerasgan.optimizers.delay import Delay as Delay
    from kerasgan.optimizers.lookup import Preset as Preset, preset as preset
    from kerasgan.optimizers.warm_up import WarmUp as WarmUp
