"""The optimizers, and how their learning rates decay."""

from kerasgan.utils.registry import Flag, Integer, Number, Row, Section
from kerasgan.utils.typing import Any

_SHARE: dict[str, Any] = {"least": 0, "below": 1}


def _stop_after_start(values):
    if values["stop"] <= values["start"]:
        return (
            "stop must come after start. "
            f"Received: start={values['start']}, stop={values['stop']}"
        )
    return None


_START = {"start": Integer(0, least=0)}
_FALLING = {
    **_START,
    "stop": Integer(least=1),
    "final": Number(0.0, **_SHARE),
}

DECAYS = {
    "linear": Row(
        "kerasgan.optimizers.construction:linear",
        "From step `start` in a straight line to `final` times the rate",
        _FALLING,
        rule=_stop_after_start,
    ),
    "cosine": Row(
        "kerasgan.optimizers.construction:cosine",
        "From step `start` along half a cosine to `final` times the rate",
        _FALLING,
        rule=_stop_after_start,
    ),
    "exponential": Row(
        "kerasgan.optimizers.construction:exponential",
        "From step `start` the rate halves in every `half_life` steps",
        {**_START, "half_life": Integer(least=1)},
    ),
}

# The arguments of any optimizer. Steps are those of training, whatever the
# number of updates in one. A decay does not look at `training.steps`, so that
# a longer training begins as a shorter one. The rate rises linearly within
# `warmup_steps`.
SCHEDULE = {
    "learning_rate": Number(above=0),
    "warmup_steps": Integer(0, least=0),
    "decay": Section(None, optional=True, table=DECAYS),
}

OPTIMIZERS = {
    "adam": Row(
        "keras.optimizers:Adam",
        "Adam of Keras",
        {
            **SCHEDULE,
            "beta_1": Number(0.9, **_SHARE),
            "beta_2": Number(0.999, **_SHARE),
            "epsilon": Number(1e-7, above=0),
        },
    ),
    "rmsprop": Row(
        "keras.optimizers:RMSprop",
        "RMSprop of Keras, whose epsilon is added under the square root",
        {
            **SCHEDULE,
            "rho": Number(0.9, **_SHARE),
            "momentum": Number(0.0, **_SHARE),
            "epsilon": Number(1e-7, above=0),
        },
    ),
    "sgd": Row(
        "keras.optimizers:SGD",
        "Stochastic gradient descent of Keras",
        {
            **SCHEDULE,
            "momentum": Number(0.0, **_SHARE),
            "nesterov": Flag(False),
        },
    ),
}
