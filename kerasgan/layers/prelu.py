import keras
from keras import ops

from kerasgan.layers.pixel_rows import along, rows, total
from kerasgan.utils.typing import Any, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class PReLU(keras.layers.Layer):
    """Parametric rectifier, the activation of nets with affine normalization.

    Per channel, `y = max(x, 0) + a min(x, 0)` with a trained a. Its values are
    those of Keras's `PReLU` with one a for all pixels. It is faster on a CPU,
    and in half precision a has a float32 gradient.

    Args:
        initial_alpha: a at the start, any number that is finite. Defaults to 0.25.

    Input shape: `[N, ..., C]`. Output shape: the same.

    Example:
        >>> layer = kerasgan.layers.PReLU()
        >>> keras.ops.convert_to_numpy(layer(np.array([[-4.0, 4.0]], "float32")))
        array([[-1.,  4.]], dtype=float32)

    Reference:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", arXiv
        1502.01852, equation 1.
    """

    supports_masking = True

    def __init__(self, initial_alpha: float = 0.25, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not abs(initial_alpha) < float("inf"):
            raise ValueError(
                "Argument `initial_alpha` must be a finite number. "
                f"Received: initial_alpha={initial_alpha}"
            )
        self.initial_alpha = initial_alpha

    def build(self, input_shape: Shape) -> None:
        self.alpha = self.add_weight(
            name="alpha",
            # As in Keras's layer, whose weights it reads.
            shape=(*(1 for _ in input_shape[1:-1]), input_shape[-1]),
            initializer=keras.initializers.Constant(self.initial_alpha),
            autocast=False,
        )
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        # TensorFlow's custom gradients take tensors, and a variable's value is
        # not one there until something is computed from it.
        return _prelu(inputs, ops.reshape(self.alpha, (-1,)))

    def plain(self) -> keras.Layer:
        """Returns Keras's layer, which has the same values, for inference.

        Returns:
            A new, built layer of the same name and dtype policy. This layer
            must be built, too.
        """
        layer = keras.layers.PReLU(
            shared_axes=[*range(1, len(self.alpha.shape))],
            name=self.name,
            dtype=self.dtype_policy,
        )
        layer.build((None, *self.alpha.shape))
        layer.alpha.assign(self.alpha)
        return layer

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "initial_alpha": self.initial_alpha}


# Output and gradient are products with one tensor, 1 or a (a at x = 0), which
# takes fewer passes over the activations than differentiating the formula.
@ops.custom_gradient
def _prelu(x, alpha):
    shape = ops.shape(x)

    def factor():
        a = along(alpha, x)
        return ops.where(rows(x) > 0, ops.ones_like(a), a)

    def gradient(*args, upstream=None):
        dy = rows(args[0] if upstream is None else upstream)
        below = dy * ops.minimum(rows(x), 0)
        return (
            # A second derivative needs the factor computed here.
            ops.reshape(dy * factor(), shape),
            total(below, x.shape[-1], alpha.dtype),
        )

    return ops.reshape(rows(x) * factor(), shape), gradient
