"""Layers that a network of a GAN may hold, and what their derivatives are worth.

`python tests/helpers/derivative_cases.py` prints the table of
docs/research/derivatives.md for the backend in use.
"""

import contextlib
import inspect

import keras
import numpy as np
from keras import layers, ops

import kerasgan.layers as ours

IMAGES, SEQUENCE, VECTOR, VOLUME = (
    (2, 6, 6, 4),
    (2, 6, 4),
    (3, 5),
    (1, 4, 4, 4, 1),
)
LABELS = np.array([2, 0], "int32")


class Pair(layers.Layer):
    """A layer of several inputs, of which the second is the first reversed."""

    def __init__(self, layer, listed=True, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.listed = layer, listed

    def call(self, x, training=False):
        y = ops.flip(x, 1) * 0.7
        return self.layer([x, y]) if self.listed else self.layer(x, y)


class OfClasses(layers.Layer):
    """A layer of images and of the weights of their classes."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer, self.classes = layer, ours.OneHot(3, dtype=layer.dtype)

    def call(self, x, training=False):
        labels = self.classes(ops.convert_to_tensor(LABELS))
        return self.layer([x, labels], training=training)


class Projection(layers.Layer):
    """The discriminator's logit of a class, by an embedding of it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.embedding = layers.Embedding(3, 6 * 6 * 4, dtype=self.dtype_policy)

    def call(self, x, training=False):
        features = ops.reshape(x * x, (x.shape[0], -1))
        return self.embedding(ops.convert_to_tensor(LABELS)) * features


class TensorFlowOps(layers.Layer):
    """A layer of someone's own, written in TensorFlow."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x, training=False):
        import tensorflow as tf

        return self.function(tf, x)


def plain(kind, *arguments, **options):
    return lambda dtype: kind(*arguments, **options, dtype=dtype)


def of_pair(kind, *arguments, listed=True, **options):
    return lambda dtype: Pair(
        kind(*arguments, **options, dtype=dtype), listed, dtype=dtype
    )


def of_classes(kind):
    return lambda dtype: OfClasses(kind(3, dtype=dtype), dtype=dtype)


def around(wrapper, kind, *arguments, outside=None, **options):
    return lambda dtype: wrapper(
        kind(*arguments, **options, dtype=dtype), **(outside or {}), dtype=dtype
    )


# What the networks of kerasgan.architectures are made of.
OURS = {
    "Dense": (plain(layers.Dense, 3), VECTOR),
    "Conv2D": (plain(layers.Conv2D, 3, 4, strides=2, padding="same"), IMAGES),
    "Conv2DTranspose": (
        plain(layers.Conv2DTranspose, 3, 4, strides=2, padding="same"),
        IMAGES,
    ),
    "AveragePooling2D": (plain(layers.AveragePooling2D, 2), IMAGES),
    "UpSampling2D nearest": (plain(layers.UpSampling2D, 2), IMAGES),
    "ZeroPadding2D": (plain(layers.ZeroPadding2D, 1), IMAGES),
    "Cropping2D": (plain(layers.Cropping2D, 1), IMAGES),
    "Reshape": (plain(layers.Reshape, (12, 12)), IMAGES),
    "Rescaling": (plain(layers.Rescaling, 0.5), IMAGES),
    "Dropout": (plain(layers.Dropout, 0.4, seed=1), IMAGES),
    "BatchNormalization": (plain(layers.BatchNormalization), IMAGES),
    "ReLU": (plain(layers.ReLU), IMAGES),
    "LeakyReLU": (plain(layers.LeakyReLU, 0.2), IMAGES),
    "PReLU": (plain(layers.PReLU, shared_axes=[1, 2]), IMAGES),
    "tanh": (plain(layers.Activation, "tanh"), IMAGES),
    "Add": (of_pair(layers.Add), IMAGES),
    "kerasgan BilinearUpSampling2D": (
        plain(ours.BilinearUpSampling2D, 2),
        IMAGES,
    ),
    "kerasgan ConditionalBatchNormalization": (
        of_classes(ours.ConditionalBatchNormalization),
        IMAGES,
    ),
    "kerasgan LayerNormalization": (plain(ours.LayerNormalization), IMAGES),
    "kerasgan WeightNormalizedDense": (
        plain(ours.WeightNormalizedDense, 3, scale=True, use_bias=True),
        VECTOR,
    ),
    "kerasgan WeightNormalizedConv2D": (
        plain(ours.WeightNormalizedConv2D, 3, 3),
        IMAGES,
    ),
    "kerasgan WeightNormalizedConv2DTranspose": (
        plain(ours.WeightNormalizedConv2DTranspose, 3, 4, strides=2),
        IMAGES,
    ),
    "kerasgan WeightNormalizedAdd": (of_pair(ours.WeightNormalizedAdd), IMAGES),
    "kerasgan SpectralNormalization": (
        around(ours.SpectralNormalization, layers.Conv2D, 3, 3),
        IMAGES,
    ),
    "kerasgan WeightNormalization": (
        around(
            ours.WeightNormalization,
            *(layers.Conv2D, 3, 3),
            outside={"data_init": False},
        ),
        IMAGES,
    ),
    "kerasgan PReLU": (plain(ours.PReLU), IMAGES),
    "kerasgan TPReLU": (plain(ours.TPReLU), IMAGES),
    "kerasgan TReLU": (plain(ours.TReLU), IMAGES),
    "kerasgan Affine": (plain(ours.Affine), IMAGES),
}

# What a network of someone's own may hold besides.
ACTIVATIONS = (
    *("celu", "elu", "exponential", "gelu", "glu", "hard_shrink"),
    *("hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "log_softmax"),
    *("mish", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax"),
    *("softplus", "sparse_plus", "sparse_sigmoid", "sparsemax"),
    *("squareplus", "tanh_shrink"),
)
OTHERS = {
    "EinsumDense": (plain(layers.EinsumDense, "abc,cd->abd", (6, 3)), SEQUENCE),
    "Conv1D": (plain(layers.Conv1D, 3, 3, strides=2), SEQUENCE),
    "Conv1DTranspose": (
        plain(layers.Conv1DTranspose, 3, 3, strides=2),
        SEQUENCE,
    ),
    "Conv2D dilated": (plain(layers.Conv2D, 3, 3, dilation_rate=2), IMAGES),
    "Conv2D groups": (plain(layers.Conv2D, 4, 3, groups=2), IMAGES),
    "Conv3D": (plain(layers.Conv3D, 2, 3), VOLUME),
    "Conv3DTranspose": (plain(layers.Conv3DTranspose, 2, 2, strides=2), VOLUME),
    "DepthwiseConv1D": (plain(layers.DepthwiseConv1D, 3), SEQUENCE),
    "DepthwiseConv2D": (
        plain(layers.DepthwiseConv2D, 3, strides=2, depth_multiplier=2),
        IMAGES,
    ),
    "SeparableConv1D": (plain(layers.SeparableConv1D, 3, 3), SEQUENCE),
    "SeparableConv2D": (plain(layers.SeparableConv2D, 3, 3), IMAGES),
    "AveragePooling1D": (plain(layers.AveragePooling1D, 2), SEQUENCE),
    "AveragePooling2D same": (
        plain(layers.AveragePooling2D, 3, 2, padding="same"),
        IMAGES,
    ),
    "AveragePooling3D": (plain(layers.AveragePooling3D, 2), VOLUME),
    "MaxPooling1D": (plain(layers.MaxPooling1D, 2), SEQUENCE),
    "MaxPooling2D": (plain(layers.MaxPooling2D, 2), IMAGES),
    "MaxPooling2D overlapping": (plain(layers.MaxPooling2D, 3, 1), IMAGES),
    "MaxPooling3D": (plain(layers.MaxPooling3D, 2), VOLUME),
    "GlobalAveragePooling1D": (plain(layers.GlobalAveragePooling1D), SEQUENCE),
    "GlobalAveragePooling2D": (plain(layers.GlobalAveragePooling2D), IMAGES),
    "GlobalMaxPooling1D": (plain(layers.GlobalMaxPooling1D), SEQUENCE),
    "GlobalMaxPooling2D": (plain(layers.GlobalMaxPooling2D), IMAGES),
    "AdaptiveAveragePooling1D": (
        plain(layers.AdaptiveAveragePooling1D, 4),
        SEQUENCE,
    ),
    "AdaptiveAveragePooling2D": (
        plain(layers.AdaptiveAveragePooling2D, 4),
        IMAGES,
    ),
    "AdaptiveMaxPooling2D": (plain(layers.AdaptiveMaxPooling2D, 4), IMAGES),
    "UpSampling1D": (plain(layers.UpSampling1D, 2), SEQUENCE),
    "UpSampling3D": (plain(layers.UpSampling3D, 2), VOLUME),
    **{
        f"UpSampling2D {name}": (
            plain(layers.UpSampling2D, 2, interpolation=name),
            IMAGES,
        )
        for name in ("bilinear", "bicubic", "lanczos3", "lanczos5")
    },
    **{
        f"Resizing {name}": (
            plain(layers.Resizing, 4, 9, interpolation=name),
            IMAGES,
        )
        for name in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
    },
    "Resizing antialias": (
        plain(layers.Resizing, 4, 4, antialias=True),
        IMAGES,
    ),
    "Resizing crop": (
        plain(layers.Resizing, 4, 9, crop_to_aspect_ratio=True),
        IMAGES,
    ),
    "CenterCrop": (plain(layers.CenterCrop, 4, 4), IMAGES),
    "Permute": (plain(layers.Permute, (2, 1, 3)), IMAGES),
    "RepeatVector": (plain(layers.RepeatVector, 2), VECTOR),
    "BatchNormalization renorm": (
        plain(layers.BatchNormalization, renorm=True),
        IMAGES,
    ),
    "LayerNormalization": (plain(layers.LayerNormalization), IMAGES),
    "LayerNormalization [1, 2, 3]": (
        plain(layers.LayerNormalization, axis=[1, 2, 3]),
        IMAGES,
    ),
    "RMSNormalization": (plain(layers.RMSNormalization), IMAGES),
    "GroupNormalization": (plain(layers.GroupNormalization, 2), IMAGES),
    "GroupNormalization 1": (plain(layers.GroupNormalization, 1), IMAGES),
    "UnitNormalization": (plain(layers.UnitNormalization), IMAGES),
    "SpectralNormalization": (
        around(layers.SpectralNormalization, layers.Conv2D, 3, 3),
        IMAGES,
    ),
    "SpatialDropout2D": (plain(layers.SpatialDropout2D, 0.4, seed=1), IMAGES),
    "GaussianDropout": (plain(layers.GaussianDropout, 0.4, seed=1), IMAGES),
    "GaussianNoise": (plain(layers.GaussianNoise, 0.4, seed=1), IMAGES),
    "AlphaDropout": (plain(layers.AlphaDropout, 0.4, seed=1), IMAGES),
    **{name: (plain(layers.Activation, name), IMAGES) for name in ACTIVATIONS},
    "ELU": (plain(layers.ELU), IMAGES),
    "Softmax": (plain(layers.Softmax), IMAGES),
    "Attention": (
        of_pair(layers.Attention, use_scale=True),
        SEQUENCE,
    ),
    "AdditiveAttention": (of_pair(layers.AdditiveAttention), SEQUENCE),
    "MultiHeadAttention": (
        of_pair(layers.MultiHeadAttention, 2, 3, listed=False),
        SEQUENCE,
    ),
    "GroupedQueryAttention": (
        of_pair(layers.GroupQueryAttention, 3, 4, 2, listed=False),
        SEQUENCE,
    ),
    "Embedding": (lambda dtype: Projection(dtype=dtype), IMAGES),
    "LSTM": (plain(layers.LSTM, 3), SEQUENCE),
    "GRU": (plain(layers.GRU, 3), SEQUENCE),
    "SimpleRNN": (plain(layers.SimpleRNN, 3), SEQUENCE),
    "ConvLSTM1D": (plain(layers.ConvLSTM1D, 2, 2), (2, 3, 4, 2)),
    "TimeDistributed": (
        around(layers.TimeDistributed, layers.Dense, 3),
        SEQUENCE,
    ),
    "Average": (of_pair(layers.Average), IMAGES),
    "Multiply": (of_pair(layers.Multiply), IMAGES),
    "Maximum": (of_pair(layers.Maximum), IMAGES),
    "Minimum": (of_pair(layers.Minimum), IMAGES),
    "Subtract": (of_pair(layers.Subtract), IMAGES),
    "Concatenate": (of_pair(layers.Concatenate), IMAGES),
    "Dot": (of_pair(layers.Dot, axes=2), SEQUENCE),
    "Normalization": (
        plain(layers.Normalization, mean=0.3, variance=2.0),
        IMAGES,
    ),
    "RandomFlip": (plain(layers.RandomFlip, seed=1), IMAGES),
}
CASES = {**OURS, **OTHERS}

# Those that a backend has in float32 alone, under any policy.
SINGLE = (
    *("UpSampling2D bi", "UpSampling2D l", "Resizing"),
    *("AveragePooling3D", "MaxPooling3D", "SimpleRNN"),
)

# What is known to be wrong, and stays so: the orders of derivatives, by backend.
# Through r and d of batch renormalization no gradient flows, as its paper says.
# Keras's spectral normalization has none through its vectors, which move in
# each call, and on TensorFlow none through sigma.
WRONG = {
    "BatchNormalization renorm": (1, 2),
    "SpectralNormalization": (1, 2),
}


class Measured:
    """Both derivatives of a case along a direction, and the differences.

    With `f = sum of y + y^2 / 2` of the outputs y, times a constant array,
    first order is the derivative of f and second order that of the sum of
    `(grad_x f)^2` times another one, along one random direction in x and all
    trained weights. (In a plain sum of squares an error of normalizations would
    cancel: their gradients by x sum to 0.)
    """

    def __init__(self, name):
        # Keras computes much in float32 on JAX, also for layers of float64:
        # steps have to be longer then, and tell less.
        precise = [] if name.startswith(SINGLE) else [("float64", 1e-4, 1e-5)]
        for dtype, step, self.tolerance in (*precise, ("float32", 5e-3, 3e-3)):
            with _float64():
                self._measure(name, dtype, step)
            if max(self.errors) < self.tolerance:
                break

    def _measure(self, name, dtype, step):
        make, shape = CASES[name]
        layer = make(dtype)
        function = _along(layer, shape, dtype)
        # The vectors of a spectral normalization are constants to a gradient,
        # and so to a difference.
        with ours.one_iteration(layer):
            here = function(0.0)
            self.found = here[2:]
            # Rounding counts as that of the values does.
            self.scales = [0.1 * abs(value) for value in here[:2]]
            near, far = (
                np.subtract(function(h), function(-h))[:2]
                for h in (step, 2 * step)
            )
        # Of fourth order.
        self.expected = ((8 * near - far) / (12 * step)).tolist()

    @property
    def errors(self):
        """Relative to the derivative, or to a tenth of the function's value."""
        return [
            abs(a - b) / max(abs(b), scale)
            for a, b, scale in zip(self.found, self.expected, self.scales)
        ]


def _along(layer, shape, dtype):
    """A function of t: f, the penalty and their derivatives by t."""
    rng = np.random.default_rng(7)
    # All different, so that maxima stay where they are.
    x = np.linspace(-2.9, 2.9, int(np.prod(shape)), dtype=dtype)
    x = rng.permutation(x).reshape(shape)
    y = layer(ops.convert_to_tensor(x))
    weights = [
        0.6 * rng.normal(size=w.shape) for w in layer.trainable_variables
    ]
    carried = [v.value for v in layer.non_trainable_variables]
    values = [a.astype(dtype) for a in (x, *weights)]
    ways = [rng.normal(size=a.shape).astype(dtype) for a in values]
    probe = rng.normal(size=y.shape).astype(dtype)
    slope_probe = rng.uniform(0.5, 2.0, size=shape).astype(dtype)
    trains = "training" in inspect.signature(layer.call).parameters
    mode = {"training": True} if trains else {}

    def at(t):
        return [a + t * way for a, way in zip(values, ways)]

    def f(x, *weights):
        y, _ = layer.stateless_call(list(weights), carried, x, **mode)
        y = ops.cast(y, dtype)
        # Operators alone: Keras computes a sine in float32 on JAX.
        return ops.sum((y + 0.5 * y * y) * probe)

    along = _on_jax if keras.backend.backend() == "jax" else _on_tensorflow
    return along(f, lambda g: ops.sum(g * g * slope_probe), at, dtype)


def _on_jax(f, penalty, at, dtype):
    import jax

    def first(t):
        return f(*at(t))

    def second(t):
        return penalty(jax.grad(f)(*at(t)))

    @jax.jit
    def all_four(t):
        one, first_slope = jax.value_and_grad(first)(t)
        two, second_slope = jax.value_and_grad(second)(t)
        return one, two, first_slope, second_slope

    return lambda t: [float(v) for v in all_four(np.array(t, dtype))]


def _on_tensorflow(f, penalty, at, dtype):
    import tensorflow as tf

    def all_four(t):
        t = tf.constant(t, dtype)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(t)
            x, *weights = at(t)
            with tf.GradientTape() as inner:
                inner.watch(x)
                one = f(x, *weights)
            two = penalty(inner.gradient(one, x))
        slopes = [
            tape.gradient(y, t, unconnected_gradients="zero")
            for y in (one, two)
        ]
        return [float(v) for v in (one, two, *slopes)]

    return all_four


def _float64():
    if keras.backend.backend() != "jax":
        return contextlib.nullcontext()
    import jax

    return jax.enable_x64(True)
