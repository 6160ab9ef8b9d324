import keras
from keras import ops

from kerasgan.layers.pixel_rows import along, rows, total
from kerasgan.utils.typing import Any, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class TPReLU(keras.layers.Layer):
    """Translated parametric rectifier, the activation of weight-normalized nets.

    Per channel, `y = max(x - b, 0) + clip(a, 0, 1) min(x - b, 0) + b` with
    trained a and b. b replaces the bias that a strictly weight-normalized
    layer does not have.

    Args:
        initial_alpha: a at the start, in [0, 1]. Defaults to 0.25.

    Input shape: `[N, ..., C]`. Output shape: the same.

    Example:
        >>> layer = kerasgan.layers.TPReLU()
        >>> keras.ops.convert_to_numpy(layer(np.array([[-4.0, 4.0]], "float32")))
        array([[-1.,  4.]], dtype=float32)

    Reference:
        Xiang & Li, arXiv 1704.03971, section 3.
    """

    supports_masking = True

    def __init__(self, initial_alpha: float = 0.25, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= initial_alpha <= 1:
            raise ValueError(
                "Argument `initial_alpha` must lie in [0, 1]. "
                f"Received: initial_alpha={initial_alpha}"
            )
        self.initial_alpha = initial_alpha

    def build(self, input_shape: Shape) -> None:
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

    def call(self, inputs: Tensor) -> Tensor:
        alpha = ops.clip(ops.convert_to_tensor(self.alpha), 0.0, 1.0)
        # TensorFlow's custom gradients take tensors, and a variable's value is
        # not one there until something is computed from it.
        bias = ops.multiply(self.bias, 1.0)
        return _tprelu(inputs, alpha, bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "initial_alpha": self.initial_alpha}


# Automatic differentiation of the formula makes a dozen passes over the
# activations; with a in [0, 1] it is max(x, a x + (1 - a) b), and its gradient
# needs one masked tensor and two sums.
@ops.custom_gradient
def _tprelu(x, alpha, bias):
    shape, channels = ops.shape(x), x.shape[-1]

    def gradient(*args, upstream=None):
        dy = rows(args[0] if upstream is None else upstream)
        below = dy * ops.cast(rows(x) <= along(bias, x), dy.dtype)
        sum_below = total(below, channels, alpha.dtype)
        moment = total(below * rows(x), channels, alpha.dtype)
        dx = dy - along(1.0 - alpha, x) * below
        return (
            ops.reshape(dx, shape),
            moment - bias * sum_below,
            (1.0 - alpha) * sum_below,
        )

    y = ops.maximum(
        rows(x), rows(x) * along(alpha, x) + along((1.0 - alpha) * bias, x)
    )
    return ops.reshape(y, shape), gradient
