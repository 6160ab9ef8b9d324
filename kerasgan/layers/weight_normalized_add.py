import keras
from keras import ops

from kerasgan.layers.reparametrization import divide_by_norm
from kerasgan.utils.typing import Any, Sequence, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WeightNormalizedAdd(keras.layers.Layer):
    """A sum of tensors whose coefficients have unit norm in each channel.

    `y_c = sum_k u_kc x_kc / (sqrt(sum_k u_kc^2) + epsilon)`, so that a sum of
    independent inputs of unit variance has unit variance again.

    Args:
        initial_weights: the first values of the coefficients, any numbers but
            zeros alone, one an input: `(0, 1)` in residual blocks (residue, shortcut). Defaults to
            `None`, which means `1 / sqrt(K)` for each of K inputs.
        epsilon: a positive number, added to the norm. Defaults to `1e-8`.

    Input: a list of at least two tensors `[N, ..., C]` of one shape. Output:
    a tensor of that shape.

    Reference:
        Xiang & Li, arXiv 1704.03971, section 4 (residual blocks).
    """

    def __init__(
        self,
        initial_weights: Sequence[float] | None = None,
        epsilon: float = 1e-8,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not epsilon > 0:
            raise ValueError(
                "Argument `epsilon` must be positive. "
                f"Received: epsilon={epsilon}"
            )
        if initial_weights is not None:
            initial_weights = tuple(float(u) for u in initial_weights)
            if not any(initial_weights):
                raise ValueError(
                    "Argument `initial_weights` must have a nonzero entry. "
                    f"Received: initial_weights={initial_weights}"
                )
        self.initial_weights = initial_weights
        self.epsilon = epsilon

    # As a plain sum does.
    compute_mask = keras.layers.Add.compute_mask

    def build(self, input_shape: Sequence[Shape]) -> None:
        if not isinstance(input_shape, (list, tuple)) or not isinstance(
            input_shape[0], (list, tuple)
        ):
            raise ValueError(
                "WeightNormalizedAdd expects a list of tensors. "
                f"Received: input_shape={input_shape}"
            )
        count = len(input_shape)
        if len({tuple(shape) for shape in input_shape}) != 1 or count < 2:
            raise ValueError(
                "WeightNormalizedAdd expects at least two tensors of one "
                f"shape. Received: input_shape={input_shape}"
            )
        start = self.initial_weights or (count**-0.5,) * count
        if len(start) != count:
            raise ValueError(
                "Argument `initial_weights` must have one entry for each of "
                f"the {count} inputs. Received: initial_weights={start}"
            )
        channels = input_shape[0][-1]
        self.coefficients = self.add_weight(
            name="coefficients",
            shape=(count, channels),
            initializer=lambda shape, dtype: ops.broadcast_to(
                ops.cast(ops.reshape(ops.array(start), (-1, 1)), dtype), shape
            ),
            autocast=False,
        )
        self.built = True

    def effective_coefficients(self) -> Tensor:
        """Returns the coefficients of the inputs, `[K, C]`."""
        return divide_by_norm(self.coefficients, -1, self.epsilon)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        u = ops.cast(self.effective_coefficients(), self.compute_dtype)
        return sum(x * u[k] for k, x in enumerate(inputs))

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "initial_weights": self.initial_weights,
            "epsilon": self.epsilon,
        }
