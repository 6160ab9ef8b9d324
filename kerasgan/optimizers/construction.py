"""From plain settings to Keras optimizers."""

import keras

from kerasgan.optimizers.delay import Delay
from kerasgan.optimizers.table import DECAYS, OPTIMIZERS
from kerasgan.optimizers.warm_up import WarmUp


def build(settings, updates_per_step=1):
    """Make a Keras optimizer.

    Args:
        settings: a dictionary: `name` in `OPTIMIZERS`, and the arguments that
            its row has; `decay` is None or another such dictionary, of
            `DECAYS`.
        updates_per_step: how often the optimizer updates in a step of
            training. The schedules' steps are those of training.

    Returns:
        A `keras.optimizers.Optimizer`.
    """
    arguments = dict(settings)
    name = arguments.pop("name")
    warmup = arguments.pop("warmup_steps", 0)
    decay = arguments.pop("decay", None)
    rate = arguments.pop("learning_rate")
    if decay:
        times = dict(decay)
        make = DECAYS[times.pop("name")].load()
        for key in times.keys() - {"final"}:
            times[key] *= updates_per_step
        rate = make(rate, **times)
    if warmup:
        rate = WarmUp(rate, warmup * updates_per_step)
    return OPTIMIZERS[name].load()(learning_rate=rate, **arguments)


def linear(rate, stop, start=0, final=0.0):
    """Makes the decay of that name in the table, in optimizer updates."""
    schedule = keras.optimizers.schedules.PolynomialDecay(
        rate, stop - start, final * rate
    )
    return _delayed(schedule, start)


def cosine(rate, stop, start=0, final=0.0):
    """Makes the decay of that name in the table, in optimizer updates."""
    schedule = keras.optimizers.schedules.CosineDecay(
        rate, stop - start, alpha=final
    )
    return _delayed(schedule, start)


def exponential(rate, half_life, start=0):
    """Makes the decay of that name in the table, in optimizer updates."""
    schedule = keras.optimizers.schedules.ExponentialDecay(rate, half_life, 0.5)
    return _delayed(schedule, start)


def _delayed(schedule, start):
    return Delay(schedule, start) if start else schedule
