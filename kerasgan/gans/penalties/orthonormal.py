import keras
from keras import ops

from kerasgan.gans import autodiff
from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.layers import OUTPUT_AXES
from kerasgan.layers.weight_normalized import WeightNormalized
from kerasgan.utils.private_names import flatten_layers
from kerasgan.utils.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class Orthonormal(Penalty):
    """Keeps the discriminator's filters orthonormal.

    The sum of `||W W^T - I||_F^2` over the kernels, each read as a matrix W of
    shape `[out, rest]`, where *out* is the layer's output axis: the last one
    of a kernel, the one before the last of a transposed convolution's. A layer
    with more outputs than *rest* cannot reach 0, but out - rest.

    What counts: the kernels of every Dense, Conv1D, Conv2D, Conv3D and their
    transposed forms at any depth of the discriminator, also inside
    SpectralNormalization and WeightNormalization (kerasgan's or Keras's), and
    those of WeightNormalizedDense, WeightNormalizedConv2D and
    WeightNormalizedConv2DTranspose. Always the raw weight that is trained, not
    the normalized kernel. Biases, lengths, embeddings, and depthwise and
    separable convolutions do not count. It needs no images, and is computed in
    float32 under every mixed policy.

    Args:
        weight: factor of the penalty, a positive number. Defaults to 1e-4.
        interval: steps from one penalty to the next, at least 1. Defaults to 1.

    Raises:
        ValueError: (in training) the discriminator has no such layer.

    Reference:
        Brock et al., Neural Photo Editing with Introspective Adversarial
        Networks, arXiv 1609.07093 (with absolute values); Miyato et al.,
        Spectral Normalization for Generative Adversarial Networks, arXiv
        1802.05957 (squared, as here).
    """

    differentiates_inputs = False

    def __init__(self, weight: float = 1e-4, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def compute(
        self,
        discriminator: keras.Model,
        critic: Callable,
        real: Tensor,
        fake: Tensor,
        drawn: Any,
    ) -> Tensor:
        return autodiff.total(
            _distance(ops.cast(kernel, "float32"), axis)
            for kernel, axis in _kernels(discriminator)
        )


def _kernels(model):
    """Yields `(kernel, output axis)` of every layer that counts."""
    kernels = []
    for layer in flatten_layers(model):
        axes = [a for kind, a in OUTPUT_AXES.items() if isinstance(layer, kind)]
        if isinstance(layer, WeightNormalized):
            axes = [layer.output_axis]
        # Of a wrapper, the layer inside comes by itself.
        if axes:
            kernels.append((layer.kernel, axes[0]))
    if not kernels:
        raise ValueError(
            "Orthonormal needs a dense layer or a convolution in the "
            f"discriminator. Received: discriminator={model}"
        )
    return kernels


def _distance(kernel, axis):
    """Computes `||W W^T - I||_F^2`."""
    out = kernel.shape[axis]
    matrix = ops.reshape(ops.moveaxis(kernel, axis, 0), (out, -1))
    products = ops.matmul(matrix, ops.transpose(matrix))
    return ops.sum(ops.square(products - ops.eye(out, dtype="float32")))
