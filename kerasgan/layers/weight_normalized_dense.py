import keras
from keras import ops

from kerasgan.layers.weight_normalized import WeightNormalized
from kerasgan.utils.typing import Any, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WeightNormalizedDense(WeightNormalized):
    """A dense layer whose units have weight vectors of unit length.

    strict (the default): `y_o = (w_o . x) / n_o`; affine (`scale=True,
    use_bias=True`): `y_o = gamma_o (w_o . x) / n_o + beta_o`, with
    `n_o = ||w_o|| + epsilon`.

    Args:
        units: number of outputs, at least 1.
        scale: whether outputs are multiplied by a trained gamma. Defaults to
            `False`.
        use_bias: whether a trained beta is added. Defaults to `False`.
        epsilon: a positive number, added to the norm. Defaults to `1e-8`.
        init_factor: f, a positive number: initial weights are U(-f, f) /
            sqrt(inputs). Defaults to `1.0`.
        seed: seed of the initial weights, an integer. Defaults to `None`.
        gamma_initializer: the first values of gamma. Defaults to `"ones"`.

    Input shape: `[N, ..., inputs]`. Output shape: `[N, ..., units]`.

    Example:
        >>> layer = kerasgan.layers.WeightNormalizedDense(3)
        >>> tuple(layer(np.ones((2, 5), "float32")).shape)
        (2, 3)

    Reference:
        Xiang & Li, On the Effects of Batch and Weight Normalization in
        Generative Adversarial Networks, arXiv 1704.03971, section 3.
    """

    plain_class = keras.layers.Dense
    supports_masking = True

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(units, int) or units < 1:
            raise ValueError(
                "Argument `units` must be a positive integer. "
                f"Received: units={units}"
            )
        self.units = units
        self.input_spec = keras.layers.InputSpec(min_ndim=2)

    def build(self, input_shape: Shape) -> None:
        inputs = input_shape[-1]
        self.add_weights((inputs, self.units), inputs, self.units)
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: inputs})
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        outputs = ops.matmul(inputs, self.effective_kernel())
        if self.beta is not None:
            outputs = ops.add(outputs, self.beta)
        return outputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
