"""Learning-rate schedules, and the named settings of papers."""

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
