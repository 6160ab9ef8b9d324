from keras import ops

from kerasgan.layers import reparametrizations
from kerasgan.utils import networks


def average_of(generator):
    """Makes the model that keeps a generator's average, with its weights.

    Raises:
        ValueError: the generator cannot be copied.
    """
    try:
        average = networks.copy(generator)
    except ValueError as error:
        raise ValueError(
            f"The average of the generator is a copy of it; ema_decay=None "
            f"keeps no average. {error}"
        ) from error
    average.trainable = False
    return average


def update_average(average, model, decay):
    """Move a model's running average towards the model.

    `average <- decay average + (1 - decay) model` for every weight, statistics
    included; what is not a float is copied.

    Args:
        average: a model of the same layers.
        model: a Keras model.
        decay: a scalar in [0, 1].
    """
    for mean, weight in zip(average.weights, model.weights, strict=True):
        if "float" not in mean.dtype:
            mean.assign(weight)
            continue
        difference = ops.subtract(weight, mean)
        mean.assign_add(ops.cast(1.0 - decay, mean.dtype) * difference)
    # An average of singular vectors is not one of the averaged kernel.
    for layer in reparametrizations(average):
        layer.advance()
