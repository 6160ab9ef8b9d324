import keras
from keras import ops

from kerasgan.layers.weight_normalized_conv import WeightNormalizedConvolution
from kerasgan.utils.typing import Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WeightNormalizedConv2DTranspose(WeightNormalizedConvolution):
    """A transposed convolution whose outputs keep the scale of the inputs.

    strict (the default): `y_o = (w_o * x) / n_o`; affine (`scale=True,
    use_bias=True`): `y_o = gamma_o (w_o * x) / n_o + beta_o`, with
    `n_o = sqrt(sum of w_o^2 / (stride_h stride_w)) + epsilon`: each output
    pixel receives only `k^2 / s^2` of a filter's taps, so that the plain norm
    would shrink it by the stride.

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
            sqrt(fan_in) with fan_in = input channels times kernel height times
            width. Defaults to `1.0`.
        seed: seed of the initial weights, an integer. Defaults to `None`.
        gamma_initializer: the first values of gamma. Defaults to `"ones"`.

    Input shape: `[N, H, W, C]`. Output shape: `[N, H', W', filters]`, with
    `H' = H stride` for `"same"`. The kernel is `[kh, kw, filters, C]`.

    Reference:
        Xiang & Li, On the Effects of Batch and Weight Normalization in
        Generative Adversarial Networks, arXiv 1704.03971, section 3.
    """

    output_axis = -2
    plain_class = keras.layers.Conv2DTranspose

    def kernel_shape(self, channels: int) -> tuple[int, ...]:
        """Returns `(kh, kw, filters, channels)`.

        Args:
            channels: of the inputs, at least 1.
        """
        return (*self.kernel_size, self.filters, channels)

    @property
    def norm_divisor(self) -> float:
        """The product of the strides."""
        return float(self.strides[0] * self.strides[1])

    def call(self, inputs: Tensor) -> Tensor:
        outputs = ops.conv_transpose(
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
            return n * s if self.padding == "same" else n * s + max(k - s, 0)

        height, width = (
            size(n, k, s)
            for n, k, s in zip(input_shape[1:3], self.kernel_size, self.strides)
        )
        return (input_shape[0], height, width, self.filters)
