import keras
from keras import ops

from kerasgan.utils.typing import Any, Sequence, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class BilinearUpSampling2D(keras.layers.Layer):
    """Enlarges images to a multiple of their size, by bilinear interpolation.

    The same values as `keras.layers.UpSampling2D(size,
    interpolation="bilinear")` (half pixel centers, borders repeated), as one
    matrix product along the height and one along the width. TensorFlow knows no
    second derivative of its bilinear resize and takes it as 0 without a
    word, which spoils penalties of gradients, such as `R1` of a discriminator
    or `PathLength` of a generator. Products of matrices have all derivatives on
    every backend.

    Args:
        size: a positive integer or a pair of them: by how much height and width
            grow. Defaults to 2.

    Input shape: `[N, H, W, C]`, channels last. Output shape:
    `[N, size[0] H, size[1] W, C]`.

    Raises:
        ValueError: `size` is anything else.
    """

    def __init__(self, size: int | Sequence[int] = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = (size, size) if type(size) is int else size
        if (
            not isinstance(pair, (list, tuple))
            or len(pair) != 2
            or not all(type(n) is int and n > 0 for n in pair)
        ):
            raise ValueError(
                "Argument `size` must be a positive integer or a pair of them. "
                f"Received: size={size}"
            )
        self.size = tuple(pair)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        _, height, width, channels = ops.shape(inputs)
        rows = self._matrix(height, self.size[0])
        columns = self._matrix(width, self.size[1])
        # One long row for each line of pixels, so that the product is of large
        # matrices.
        x = ops.reshape(inputs, (-1, height, width * channels))
        x = ops.matmul(rows, x)
        x = ops.reshape(x, (-1, height * self.size[0], width, channels))
        return ops.matmul(columns, x)

    def _matrix(self, count, size):
        """Returns `[size count, count]`: what each new pixel takes of each old one."""
        last = ops.cast(count, "float32") - 1.0
        # Positions of the new pixels' centers among those of the old ones.
        at = (ops.arange(count * size, dtype="float32") + 0.5) / size - 0.5
        at = ops.expand_dims(ops.clip(at, 0.0, last), 1)
        old = ops.arange(count, dtype="float32")
        return ops.cast(ops.relu(1.0 - ops.abs(at - old)), self.compute_dtype)

    def plain(self) -> keras.Layer:
        """Returns Keras's layer, which has the same values, for inference."""
        return keras.layers.UpSampling2D(
            self.size,
            data_format="channels_last",
            interpolation="bilinear",
            name=self.name,
            dtype=self.dtype_policy,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        count, height, width, channels = input_shape
        return (
            count,
            None if height is None else height * self.size[0],
            None if width is None else width * self.size[1],
            channels,
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}
