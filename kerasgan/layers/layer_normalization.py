import keras
from keras import ops

from kerasgan.layers.reparametrization import at_least_float32
from kerasgan.utils.typing import Any, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class LayerNormalization(keras.layers.Layer):
    """Normalizes each example to mean 0 and variance 1 over all its elements.

    `y_c = gamma_c (x - mean(x)) / sqrt(var(x) + epsilon) + beta_c`, where mean
    and variance are those of one example, over all axes but the batch, and
    gamma (1 at the start) and beta (0) are trained, one a channel. So the
    weights fit images of any size.

    Args:
        epsilon: a positive number, added to the variance. Defaults to `1e-5`.

    Input shape: `[N, ..., C]`. Output shape: the same.

    Example:
        >>> layer = kerasgan.layers.LayerNormalization()
        >>> outputs = layer(np.random.rand(2, 8, 8, 3).astype("float32"))
        >>> bool(abs(keras.ops.mean(outputs)) < 1e-5)
        True

    References:
        Ba et al., Layer Normalization, arXiv 1607.06450, equation 4, as the
        discriminators of Gulrajani et al., arXiv 1704.00028, use it.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not epsilon > 0:
            raise ValueError(
                "Argument `epsilon` must be positive. "
                f"Received: epsilon={epsilon}"
            )
        self.epsilon = epsilon

    def build(self, input_shape: Shape) -> None:
        channels = (input_shape[-1],)
        self.gamma = self.add_weight(
            name="gamma", shape=channels, initializer="ones", autocast=False
        )
        self.beta = self.add_weight(
            name="beta", shape=channels, initializer="zeros", autocast=False
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        # Sums in half precision would lose most of what they add.
        x = at_least_float32(inputs)
        gamma, beta = at_least_float32(self.gamma), at_least_float32(self.beta)
        axes = tuple(range(1, len(x.shape)))
        # Not ops.moments: that of TensorFlow holds the mean constant in the
        # variance, which spoils second derivatives, those of penalties.
        mean = ops.mean(x, axes, keepdims=True)
        variance = ops.mean(ops.square(x - mean), axes, keepdims=True)
        scale = ops.rsqrt(variance + self.epsilon) * gamma
        y = x * scale + (beta - mean * scale)
        return ops.cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "epsilon": self.epsilon}
