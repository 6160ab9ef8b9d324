import keras
from keras import ops

from kerasgan.utils.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class Affine(keras.layers.Layer):
    """Scales and shifts each channel: `y = gamma x + beta`.

    gamma (1 at the start) and beta (0) are trained, one a channel.

    Input shape: `[N, ..., C]`. Output shape: the same.
    """

    supports_masking = True

    def build(self, input_shape: Shape) -> None:
        channels = (input_shape[-1],)
        self.gamma = self.add_weight(
            name="gamma", shape=channels, initializer="ones"
        )
        self.beta = self.add_weight(
            name="beta", shape=channels, initializer="zeros"
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return ops.add(ops.multiply(inputs, self.gamma), self.beta)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)
