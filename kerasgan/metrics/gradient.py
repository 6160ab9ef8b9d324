"""The gradient with respect to an input, on either backend."""

import keras


def input_grad(function, inputs):
    """Returns the gradient of a scalar function at `inputs`.

    Only the path from `inputs` is followed: no weight's gradient is computed.

    Args:
        function: tensor -> scalar tensor.
        inputs: float tensor.

    Returns:
        A tensor of the shape of `inputs`.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.grad(function)(inputs)
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        value = function(inputs)
    return tape.gradient(value, inputs)
