import keras
from keras import ops


@keras.saving.register_keras_serializable(package="kerasgan")
class TPReLU(keras.layers.Layer):
    """Translated parametric rectifier, the activation of weight-normalized nets.

    Per channel, `y = max(x - b, 0) + clip(a, 0, 1) min(x - b, 0) + b` with
    trained a and b. b stands in for the bias that a strictly weight-normalized
    layer does not have.

    Args:
        initial_alpha: a at the start, in [0, 1]. Defaults to 0.25.

    Input shape: `[N, ..., C]`. Output shape: the same.

    Reference:
        Xiang & Li, arXiv 1704.03971, section 3.
    """

    def __init__(self, initial_alpha=0.25, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= initial_alpha <= 1:
            raise ValueError(
                "Argument `initial_alpha` must lie in [0, 1]. "
                f"Received: initial_alpha={initial_alpha}"
            )
        self.initial_alpha = initial_alpha

    def build(self, input_shape):
        channels = (input_shape[-1],)
        self.alpha = self.add_weight(
            name="alpha",
            shape=channels,
            initializer=keras.initializers.Constant(self.initial_alpha),
            autocast=False,
        )
        self.bias = self.add_weight(
            name="bias", shape=channels, initializer="zeros", autocast=False
        )
        self.built = True

    def call(self, inputs):
        alpha = ops.clip(ops.convert_to_tensor(self.alpha), 0.0, 1.0)
        # TensorFlow's custom gradients take tensors, and a variable's value is
        # not one there until something is computed from it.
        bias = ops.multiply(self.bias, 1.0)
        return _tprelu(inputs, alpha, bias)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {**super().get_config(), "initial_alpha": self.initial_alpha}


# Automatic differentiation of the formula makes a dozen passes over the
# activations; with a in [0, 1] it is max(x, a x + (1 - a) b), and its gradient
# needs one masked tensor and two sums.
@ops.custom_gradient
def _tprelu(x, alpha, bias):
    dtype = x.dtype
    slope = ops.cast(alpha, dtype)
    offset = ops.cast((1.0 - alpha) * bias, dtype)
    threshold = ops.cast(bias, dtype)

    def gradient(*args, upstream=None):
        dy = args[0] if upstream is None else upstream
        below = ops.where(x > threshold, ops.zeros_like(dy), dy)
        axes = list(range(len(x.shape) - 1))
        total = ops.sum(ops.cast(below, alpha.dtype), axis=axes)
        moment = ops.sum(ops.cast(below * x, alpha.dtype), axis=axes)
        dx = dy - ops.cast(1.0 - alpha, dtype) * below
        return dx, moment - bias * total, (1.0 - alpha) * total

    return ops.maximum(x, x * slope + offset), gradient
