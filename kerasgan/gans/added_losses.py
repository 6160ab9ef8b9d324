"""Losses that layers and weights add to that of their network."""

from keras import ops

from kerasgan.gans import autodiff


def added_losses(network):
    """Sums what the layers added in the last call of a network.

    These are the losses of `add_loss` and of activity regularizers, which
    Keras divides by the number of rows. It has to be asked for before the next
    call, which forgets them.

    Args:
        network: a `keras.Model`.

    Returns:
        A float32 scalar, or 0.
    """
    losses = network.losses
    # Keras puts the regularizers of weights behind them.
    of_weights = sum(
        v.regularizer is not None for v in network.trainable_weights
    )
    return _sum(losses[: len(losses) - of_weights])


def weight_regularization(network):
    """Sums what the regularizers of a network's trainable weights give."""
    return _sum(
        variable.regularizer(variable)
        for variable in network.trainable_variables
        if variable.regularizer is not None
    )


def _sum(losses):
    return autodiff.total(ops.cast(loss, "float32") for loss in losses)
