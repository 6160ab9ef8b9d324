import math

import keras
from keras import ops

from kerasgan.layers.reparametrization_wrapper import (
    OUTPUT_AXES,
    ReparametrizationWrapper,
)
from kerasgan.utils.typing import Any, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class SpectralNormalization(ReparametrizationWrapper):
    """A layer whose kernel, as a matrix, has the largest singular value 1.

    The kernel is read as a matrix W of shape `[out, rest]`, where *out* is the
    layer's output axis: the last one of a dense, convolution and embedding
    kernel, the one before the last of a transposed convolution's. Then

        v <- normalize(W^T u), u <- normalize(W v)   (`power_iterations` times)
        sigma = u^T W v,  kernel = W / sigma

    with the gradient through W, but not through u and v. W is the wrapped
    layer's own weight: it is trained, stored and never overwritten.

    u moves with each call in training mode of a trainable layer; in a step of
    a `kerasgan.gans` model once in the whole step. In inference it stays, and
    v = normalize(W^T u). A kernel of zeros gives zeros.

    Args:
        layer: a Dense, Conv1D, Conv2D, Conv3D, Conv1DTranspose,
            Conv2DTranspose, Conv3DTranspose or Embedding of Keras.
        power_iterations: how often u and v are improved each time, at least
            1. Defaults to 1.

    Input and output shape: those of the wrapped layer.

    Attributes:
        kernel: the raw weight W.
        u: the left singular vector, `[out]`, of unit length.

    Raises:
        ValueError: another kind of layer, or `power_iterations` below 1.

    Example:
        >>> layer = kerasgan.layers.SpectralNormalization(keras.layers.Dense(3))
        >>> tuple(layer(np.ones((2, 5), "float32")).shape)
        (2, 3)

    Reference:
        Miyato et al., Spectral Normalization for Generative Adversarial
        Networks, arXiv 1802.05957, section 2.1 and algorithm 1.
    """

    output_axes = {**OUTPUT_AXES, keras.layers.Embedding: -1}

    def __init__(
        self, layer: keras.Layer, power_iterations: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(layer, **kwargs)
        if not isinstance(power_iterations, int) or power_iterations < 1:
            raise ValueError(
                "Argument `power_iterations` must be a positive integer. "
                f"Received: power_iterations={power_iterations}"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Shape | None = None) -> None:
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(self.kernel.shape[self.output_axis],),
            initializer=_UnitVector(),
            trainable=False,
            autocast=False,
            dtype=keras.backend.result_type(self.kernel.dtype, "float32"),
            # All replicas compute the same from the same kernel.
            aggregation="only_first_replica",
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        kernel = self.effective_kernel(training=training)
        return self.call_with(inputs, [(self.kernel, kernel)])

    def compute_kernel(self, training: bool = False) -> Tensor:
        """Computes W / sigma.

        Args:
            training: whether u moves.
        """
        u, v = self._vectors(training)
        sigma = ops.sum(u * self._times(self.weight, v))
        return self.weight / ops.where(sigma == 0, ops.ones_like(sigma), sigma)

    def _vectors(self, training):
        if training and self.advanced() is not None:
            return self.advanced()
        if training and self.trainable:
            return self.advance()
        u = self.u.value
        weight = ops.stop_gradient(self.weight)
        return u, _normalize(self._transposed_times(weight, u))

    def advance(self) -> Any:
        u = self.u.value
        weight = ops.stop_gradient(self.weight)
        for _ in range(self.power_iterations):
            v = _normalize(self._transposed_times(weight, u))
            # A kernel of zeros must not make u zero, which would be for ever.
            u = _normalize(self._times(weight, v), otherwise=u)
        self.u.assign(u)
        return u, v

    # W v and W^T u, for W as [before, out, after] so that nothing needs to be
    # transposed; v is [before, after].

    def _matrices(self, weight):
        axis = len(weight.shape) + self.output_axis
        before, after = weight.shape[:axis], weight.shape[axis + 1 :]
        return ops.reshape(
            weight, (math.prod(before), weight.shape[axis], math.prod(after))
        )

    def _times(self, weight, v):
        w = self._matrices(weight)
        if w.shape[2] == 1:
            return ops.matmul(v[:, 0], w[:, :, 0])
        return ops.sum(ops.matmul(w, v[:, :, None])[:, :, 0], axis=0)

    def _transposed_times(self, weight, u):
        w = self._matrices(weight)
        if w.shape[2] == 1:
            return ops.matmul(w[:, :, 0], u)[:, None]
        return ops.matmul(u[None, None, :], w)[:, 0, :]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "power_iterations": self.power_iterations,
        }


def _normalize(x, otherwise=None):
    """Computes x / ||x||; zeros, or `otherwise`, where x is zero."""
    norm = ops.sqrt(ops.sum(ops.square(x)))
    if otherwise is None:
        otherwise = ops.zeros_like(x)
    return ops.where(
        norm > 0, x / ops.where(norm > 0, norm, ops.ones_like(norm)), otherwise
    )


class _UnitVector(keras.initializers.Initializer):
    def __init__(self):
        # A layer may be built while a step is traced, where only seeded
        # numbers are available.
        self.seed = keras.random.SeedGenerator()

    def __call__(self, shape, dtype=None):
        x = keras.random.normal(shape, dtype=dtype, seed=self.seed)
        return x / ops.sqrt(ops.sum(ops.square(x)))
