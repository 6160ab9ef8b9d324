import keras
from keras import ops

from kerasgan.utils.classes import check_num_classes
from kerasgan.utils.typing import Any, Sequence, Shape, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class OneHot(keras.layers.Layer):
    """Turns labels into one-hot vectors, and knows what the classes are called.

    A conditional network begins with it, so that classes can be mixed: what
    comes after it takes any weights of the classes.

    Input shape: `[N]`, integers from 0 to `num_classes - 1`; others give zeros.
    Output shape: `[N, num_classes]`, in the layer's compute dtype.

    Args:
        num_classes: the number of classes, at least 1.
        class_names: one name a class, in the order of the labels. Defaults to
            `None`: the classes have no names.

    Raises:
        ValueError: `num_classes` is not a positive integer, or there are not as
            many different names.
    """

    def __init__(
        self,
        num_classes: int,
        class_names: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = check_num_classes(num_classes)
        self.class_names = None if class_names is None else [*class_names]
        names = self.class_names or []
        if class_names is not None and not (
            len(names) == len(set(names)) == num_classes
            and all(isinstance(name, str) for name in names)
        ):
            raise ValueError(
                f"Argument `class_names` must have {num_classes} different "
                f"names, one a class. Received: class_names={names!r}"
            )

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) != 1:
            raise ValueError(
                "Labels must have one axis, [N]. "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.built = True

    def call(self, labels: Tensor) -> Tensor:
        return ops.one_hot(
            ops.cast(labels, "int32"),
            self.num_classes,
            dtype=self.compute_dtype,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.num_classes)

    def compute_output_spec(self, labels: Any) -> Any:
        return keras.KerasTensor(
            self.compute_output_shape(labels.shape), self.compute_dtype
        )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "class_names": self.class_names,
        }
