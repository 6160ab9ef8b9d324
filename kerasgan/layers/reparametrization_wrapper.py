"""The base class of wrappers that normalize another layer's kernel."""

import keras
from keras import ops

from kerasgan.layers.reparametrization import (
    Reparametrization,
    at_least_float32,
)
from kerasgan.layers.scopes import substituted
from kerasgan.utils.private_names import without_autocast

# Layers with a kernel -> its output axis. The kernel of a transposed
# convolution is that of the convolution which it transposes: [..., out, in].
OUTPUT_AXES = {
    keras.layers.Dense: -1,
    keras.layers.Conv1D: -1,
    keras.layers.Conv2D: -1,
    keras.layers.Conv3D: -1,
    keras.layers.Conv1DTranspose: -2,
    keras.layers.Conv2DTranspose: -2,
    keras.layers.Conv3DTranspose: -2,
}


# Methods of the wrapped layer that change its kernel -> what it would be.
_REJECTED = {"quantize": "quantized", "enable_lora": "low-rank adapted"}


class ReparametrizationWrapper(Reparametrization, keras.layers.Wrapper):
    """A layer that works with a function of its kernel in the kernel's place.

    The wrapped layer's own kernel is the raw weight: it is what is trained and
    stored. During a call the wrapped layer sees the effective kernel instead.

    Args:
        layer: a Keras layer of one of the classes in `output_axes`.
    """

    output_axes = OUTPUT_AXES

    def __init__(self, layer, **kwargs):
        axes = [
            axis
            for kind, axis in self.output_axes.items()
            if isinstance(layer, kind)
        ]
        if not axes:
            names = ", ".join(kind.__name__ for kind in self.output_axes)
            raise ValueError(
                f"{type(self).__name__} wraps a layer of {names}. "
                f"Received: layer={layer}"
            )
        if isinstance(layer, keras.layers.Layer):
            kwargs.setdefault("dtype", layer.dtype_policy)
        super().__init__(layer, **kwargs)
        # The wrapped layer casts its inputs itself.
        self.autocast = False
        self.output_axis = axes[0]
        self.supports_masking = layer.supports_masking
        # Keras reaches the wrapped layer past the wrapper, and would replace
        # its kernel, which is the raw weight.
        for method, what in _REJECTED.items():
            if hasattr(layer, method):
                setattr(
                    layer, method, lambda *_, what=what, **__: self.reject(what)
                )

    def build(self, input_shape=None):
        super().build(input_shape)
        self._check_kernel()

    def _check_kernel(self):
        kernel = self.kernel
        if (
            not isinstance(kernel, keras.Variable)
            or "float" not in kernel.dtype
        ):
            raise ValueError(
                f"{type(self).__name__} wraps a layer whose kernel is one "
                "variable, neither low-rank adapted nor quantized. "
                f"Received: layer={self.layer}"
            )

    @property
    def kernel(self):
        """The raw weight, a variable of the wrapped layer."""
        if isinstance(self.layer, keras.layers.Embedding):
            return self.layer.embeddings
        return self.layer.kernel

    @property
    def weight(self):
        """The raw weight's value, in float32 at least."""
        self._check_kernel()
        return raw(self.kernel)

    def call_with(self, inputs, values):
        """Call the wrapped layer with other values of some of its variables.

        Args:
            inputs: those of the wrapped layer.
            values: `(variable, tensor)` pairs.
        """
        with self.substituted(values) as scope:
            outputs = self.layer(inputs)
        for loss in scope.losses:
            if scope.original_scope is None:
                self.add_loss(loss)
            else:
                # In the scope of the wrapped layer, which has it.
                scope.original_scope.add_loss(loss)
        return ops.cast(outputs, self.compute_dtype)

    def substituted(self, values):
        """Returns `substituted`, in the dtype that the wrapped layer computes in.

        Keras casts what a layer reads under mixed precision alone, and norms
        are float32 under every policy.
        """
        dtype = self.layer.compute_dtype
        return substituted((v, ops.cast(x, dtype)) for v, x in values)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def compute_mask(self, inputs, previous_mask=None):
        return self.layer.compute_mask(inputs, previous_mask)

    def plain(self):
        config = {**self.layer.get_config(), "name": self.name}
        layer = type(self.layer).from_config(config)
        layer.build_from_config(self.layer.get_build_config())
        layer.set_weights(self.layer.get_weights())
        for variable, mine in zip(layer.weights, self.layer.weights):
            if mine is self.kernel:
                variable.assign(self.compute_kernel())
        return layer

    def remove(self):
        """Returns the wrapped layer without the normalization.

        Returns:
            A new, built layer with the effective kernel as its kernel, of the
            wrapper's name and the wrapped layer's dtype policy. In inference
            it computes what the wrapper does, which stays as it is.
        """
        if not self.built:
            raise ValueError(
                f"{type(self).__name__}.remove() needs a built layer. "
                f"Received: {self.name}.built=False"
            )
        return self.plain()


def raw(variable):
    """Returns the value of a variable in its own dtype, or float32 if that is wider."""
    with without_autocast():
        return at_least_float32(variable.value)
