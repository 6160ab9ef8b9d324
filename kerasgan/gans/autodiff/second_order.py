"""The second derivatives that TensorFlow, and Keras on it, leave out.

A penalty of gradients differentiates twice. TensorFlow has no derivative of the
gradients of resizes: for the bilinear one it takes 0 without a word, for the
others it raises an error. They are linear, so that the derivative is the resize
itself. And the variance of `tf.nn.moments`, which Keras's batch, layer and group
normalizations use, holds the mean constant: its first derivative is right, its
second one is not. No first derivative changes here.
"""

import contextlib
import functools
import threading

import tensorflow as tf

from kerasgan.utils.private_names import (
    gradient_function,
    replace_gradient,
    replace_moments,
)
from kerasgan.utils.thread_state import temporarily
from kerasgan.utils.typing import Callable, Iterator

_active = threading.local()


def _resized(resize, *attributes):
    """Differentiates the gradient of a resize: that is the resize."""

    def derivative(op, upstream):
        options = {name: op.get_attr(name) for name in attributes}
        size = tf.shape(op.inputs[0])[1:3]
        # Scale and translation, if there are any.
        rest = dict(zip(("scale", "translation"), op.inputs[2:]))
        images = resize(images=upstream, size=size, **rest, **options)
        return [images, *(None for _ in op.inputs[1:])]

    return derivative


def _of_bilinear(op, upstream):
    """Adds its own gradient to TensorFlow's gradient of a bilinear resize.

    That cannot be given to the gradient: the tape keeps no inputs of what was
    registered as not differentiable.
    """
    images = op.inputs[0]
    options = {name: op.get_attr(name) for name in _GRID}

    @tf.custom_gradient
    def gradient(upstream):
        def resize(images):
            size = tf.shape(upstream)[1:3]
            return tf.raw_ops.ResizeBilinear(
                images=images, size=size, **options
            )

        result = tf.raw_ops.ResizeBilinearGrad(
            grads=upstream, original_image=images, **options
        )
        return result, resize

    return [gradient(upstream), None]


_GRID = ("align_corners", "half_pixel_centers")
_DERIVATIVES = {
    "ResizeBicubicGrad": _resized(tf.raw_ops.ResizeBicubic, *_GRID),
    "ResizeNearestNeighborGrad": _resized(
        tf.raw_ops.ResizeNearestNeighbor, *_GRID
    ),
    "ScaleAndTranslateGrad": _resized(
        tf.raw_ops.ScaleAndTranslate, "kernel_type", "antialias"
    ),
}


def complete():
    """Give TensorFlow the derivatives that it has not."""
    for operation, derivative in _DERIVATIVES.items():
        if gradient_function(operation) is None:
            tf.RegisterGradient(operation)(derivative)
    if gradient_function("ResizeBilinearGrad") is None:
        replace_gradient("ResizeBilinear", _of_bilinear)
    replace_moments(_moments)


def _moments(once_differentiable):
    @functools.wraps(once_differentiable)
    def moments(x, axes, *arguments, keep_dims=False, **options):
        if not getattr(_active, "twice", False):
            return once_differentiable(
                x, axes, *arguments, keep_dims=keep_dims, **options
            )
        # As there: squares overflow in float16.
        y = tf.cast(x, "float32") if x.dtype == tf.float16 else x
        mean = tf.reduce_mean(y, axes, keepdims=True)
        variance = tf.reduce_mean(tf.square(y - mean), axes, keepdims=keep_dims)
        mean = mean if keep_dims else tf.squeeze(mean, axes)
        return tf.cast(mean, x.dtype), tf.cast(variance, x.dtype)

    return moments


def _differentiated(op):
    """Returns the inputs of an operation that its derivative depends on."""
    try:
        op.get_attr("_gradient_op_type")
    except ValueError:
        return op.inputs
    # A function with a gradient of its own: behind its results, which are used,
    # stand its arguments. What computes the former is not differentiated.
    return [i for i, o in zip(op.inputs, op.outputs) if not o.consumers()]


@contextlib.contextmanager
def twice_differentiable() -> Iterator[None]:
    """Keeps variances from holding their mean constant, inside the block."""
    with temporarily(_active, twice=True):
        yield


# TensorFlow's derivative is the inverse transformation, which is only near the
# right one. Of Keras's layers these use it; hue and saturation have none.
_INEXACT = ("ImageProjectiveTransformV2", "ImageProjectiveTransformV3")
INEXACT_LAYERS = frozenset(
    {"RandomPerspective", "RandomRotation", "RandomShear", "RandomTranslation"}
    | {"RandomZoom", "RandomHue", "RandomSaturation"}
)

# Their outputs are constants to a derivative on purpose.
_CONSTANT = ("OnesLike", "StopGradient", "ZerosLike")


def without_second_derivative(
    fn: Callable, shape: tuple
) -> list[tuple[str, str]]:
    """Names where the derivative of the gradient of `sum(fn(x))` is missing.

    Args:
        fn: a function of a float32 tensor.
        shape: that of the tensor.

    Returns:
        Pairs of the type and the name of operations of the gradient by x that
        have no right derivative although they depend on x or on variables.
        Nothing where `fn` cannot be traced: its caller will see why.
    """
    forward = set()

    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = fn(x)
        forward.update(op.name for op in x.graph.get_operations())
        return tape.gradient(y, x)

    try:
        graph = (
            tf.function(gradient, autograph=False)
            .get_concrete_function(tf.TensorSpec(shape, "float32"))
            .graph
        )
    except Exception:
        return []
    operations = graph.get_operations()
    x, *captured = graph.inputs
    moving = {x.name, *(t.name for t in captured if t.dtype == tf.resource)}
    # Operations come after what they take.
    for op in operations:
        if op.type not in _CONSTANT and any(
            t.name in moving for t in op.inputs
        ):
            moving.update(t.name for t in op.outputs if t.dtype.is_floating)
    needed = {t.name for t in graph.outputs}
    lacking = []
    for op in reversed(operations):
        if any(t.name in needed for t in op.outputs):
            needed.update(t.name for t in _differentiated(op))
            if (
                op.name not in forward
                and any(t.name in moving for t in op.outputs)
                and (op.type in _INEXACT or gradient_function(op.type) is None)
            ):
                lacking.append((op.type, op.name))
    return lacking
