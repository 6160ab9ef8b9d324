import keras
from keras import ops

from kerasgan.layers.weight_normalized_conv import WeightNormalizedConvolution
from kerasgan.utils.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WeightNormalizedConv2D(WeightNormalizedConvolution):
    """A convolution whose filters have unit norm.

    strict (the default): `y_o = (w_o * x) / n_o`; affine (`scale=True,
    use_bias=True`): `y_o = gamma_o (w_o * x) / n_o + beta_o`, with
    `n_o = sqrt(sum of w_o^2 over height, width and input channels) + epsilon`.

    Args:
        filters: number of output channels, at least 1.
        kernel_size: a positive integer or a pair (height, width), in pixels.
        strides: a positive integer or a pair. Defaults to 1.
        padding: `"valid"` or `"same"`. Defaults to `"valid"`.
        scale: whether outputs are multiplied by a trained gamma. Defaults to
            `False`.
        use_bias: whether a trained beta is added. Defaults to `False`.
        epsilon: a positive number, added to the norm. Defaults to `1e-8`.
        init_factor: f, a positive number: initial weights are U(-f, f) /
            sqrt(fan_in). Defaults to `1.0`.
        seed: seed of the initial weights, an integer. Defaults to `None`.
        gamma_initializer: the first values of gamma. Defaults to `"ones"`.

    Input shape: `[N, H, W, C]`. Output shape: `[N, H', W', filters]`.

    Example:
        >>> layer = kerasgan.layers.WeightNormalizedConv2D(6, 3, padding="same")
        >>> tuple(layer(np.ones((2, 8, 8, 3), "float32")).shape)
        (2, 8, 8, 6)

    Reference:
        Xiang & Li, On the Effects of Batch and Weight Normalization in
        Generative Adversarial Networks, arXiv 1704.03971, section 3.
    """

    plain_class = keras.layers.Conv2D

    def call(self, inputs: Tensor) -> Tensor:
        outputs = ops.conv(
            inputs,
            self.effective_kernel(),
            strides=self.strides,
            padding=self.padding,
            data_format="channels_last",
        )
        if self.beta is not None:
            outputs = ops.add(outputs, self.beta)
        return outputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        def size(n, k, s):
            if n is None:
                return None
            return -(-n // s) if self.padding == "same" else (n - k) // s + 1

        height, width = (
            size(n, k, s)
            for n, k, s in zip(input_shape[1:3], self.kernel_size, self.strides)
        )
        return (input_shape[0], height, width, self.filters)
