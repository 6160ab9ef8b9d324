import keras
from keras import ops

from kerasgan.utils.classes import check_num_classes
from kerasgan.utils.typing import Any, Sequence, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Normalizes a batch, then scales and shifts each example by its class.

    `y = gamma_k (x - mean) / sqrt(variance + epsilon) + beta_k` per channel:
    the statistics are those of all classes together, gamma (1 at the start) and
    beta (0) belong to a class k. They are `class_weights @ gamma` and
    `class_weights @ beta`, so that weights other than one-hot mix classes.

    Args:
        num_classes: the number of classes, a positive integer.
        momentum: of the moving statistics, between 0 and 1. Defaults to `0.9`.
        epsilon: a positive number, added to the variance. Defaults to `1e-5`.
        synchronized: whether the statistics are those of all replicas of
            `tf.distribute`. Defaults to `False`.

    Input shape: `[N, ..., C]` and the class weights, `[N, num_classes]`.
    Output shape: `[N, ..., C]`.

    Raises:
        ValueError: `num_classes` is not a positive integer, or the inputs have
            other shapes.

    Reference:
        Dumoulin et al., A Learned Representation for Artistic Style, arXiv
        1610.07629, equation 5, as Miyato & Koyama, arXiv 1802.05637, use it.
    """

    def __init__(
        self,
        num_classes: int,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = check_num_classes(num_classes)
        # It has the moving statistics, and synchronizes them between replicas.
        self.normalization = keras.layers.BatchNormalization(
            momentum=momentum,
            epsilon=epsilon,
            center=False,
            scale=False,
            synchronized=synchronized,
            trainable=self.trainable,
            dtype=self.dtype_policy,
            name="normalization",
        )

    def build(self, input_shape: Sequence[Shape]) -> None:
        # Keras calls what has one input with a shape, no list of shapes.
        expected = None, self.num_classes
        shapes = [*input_shape]
        if len(shapes) != 2 or (None, *tuple(shapes[1])[1:]) != expected:
            raise ValueError(
                "Expected two inputs, [N, ..., C] and class weights "
                f"[N, {self.num_classes}]. Received: input_shape={input_shape}"
            )
        self.normalization.build(input_shape[0])
        shape = self.num_classes, input_shape[0][-1]
        self.gamma = self.add_weight(
            name="gamma", shape=shape, initializer="ones"
        )
        self.beta = self.add_weight(
            name="beta", shape=shape, initializer="zeros"
        )
        self.built = True

    def call(
        self, inputs: Sequence[Tensor], training: bool | None = None
    ) -> Tensor:
        x, class_weights = inputs
        x = self.normalization(x, training=training)
        shape = (-1, *[1] * (len(x.shape) - 2), x.shape[-1])
        gamma = ops.reshape(ops.matmul(class_weights, self.gamma), shape)
        beta = ops.reshape(ops.matmul(class_weights, self.beta), shape)
        return ops.add(ops.multiply(x, gamma), beta)

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "momentum": self.normalization.momentum,
            "epsilon": self.normalization.epsilon,
            "synchronized": self.normalization.synchronized,
        }
