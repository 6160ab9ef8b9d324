"""From plain settings to Keras optimizers."""

import keras

from kerasgan.optimizers.delay import Delay
from kerasgan.optimizers.warm_up import WarmUp

_CLASSES = {
    "adam": keras.optimizers.Adam,
    "rmsprop": keras.optimizers.RMSprop,
    "sgd": keras.optimizers.SGD,
}


def build(settings, updates_per_step=1):
    """Make a Keras optimizer.

    Args:
        settings: a dictionary: `name` ("adam", "rmsprop" or "sgd"),
            `learning_rate`, other arguments of the Keras optimizer,
            `warmup_steps` (default 0) and `decay`, None or one of

            - `{"name": "linear", "start", "stop", "final"}`: the rate stays
              until step `start`, then falls in a straight line to `final`
              times itself at `stop`;
            - `{"name": "cosine", "start", "stop", "final"}`: the same along
              half a cosine;
            - `{"name": "exponential", "start", "half_life"}`: from `start` on
              it halves in every `half_life` steps.
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
        rate = _decayed(rate, decay, updates_per_step)
    if warmup:
        rate = WarmUp(rate, warmup * updates_per_step)
    return _CLASSES[name](learning_rate=rate, **arguments)


def _decayed(rate, decay, updates):
    schedules = keras.optimizers.schedules
    start = decay["start"] * updates
    if decay["name"] == "exponential":
        schedule = schedules.ExponentialDecay(
            rate, decay["half_life"] * updates, 0.5
        )
    elif decay["name"] == "cosine":
        schedule = schedules.CosineDecay(
            rate, decay["stop"] * updates - start, alpha=decay["final"]
        )
    else:
        schedule = schedules.PolynomialDecay(
            rate, decay["stop"] * updates - start, decay["final"] * rate
        )
    return Delay(schedule, start) if start else schedule
