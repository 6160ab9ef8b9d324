import keras
from keras import ops

from kerasgan.utils.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class TReLU(keras.layers.Layer):
    """Translated rectifier: `y = max(x - b, 0) + b`, one b a channel.

    b is trained and 0 at the start. It replaces the bias that a strictly
    weight-normalized layer does not have.

    Input shape: `[N, ..., C]`. Output shape: the same.

    Reference:
        Xiang & Li, arXiv 1704.03971, section 3.
    """

    supports_masking = True

    def build(self, input_shape: Shape) -> None:
        self.bias = self.add_weight(
            name="bias", shape=(input_shape[-1],), initializer="zeros"
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return ops.maximum(inputs, self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)
