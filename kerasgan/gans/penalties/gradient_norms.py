"""Gradient norms of a discriminator at images."""

from keras import ops

from kerasgan.gans.autodiff import input_grad


def squared_gradient_norms(critic, images):
    """Returns `||grad D(x)||^2` of each image.

    Images, gradients and sums are float32 under every dtype policy: squares
    of gradients leave the range of float16, and a sum over thousands of pixels
    in half precision loses most of what it adds. Inside a float16 network
    gradients go as they are, unscaled: below about 1e-3 they underflow. The loss
    scale of the optimizer keeps the gradient by the weights from that.

    Args:
        critic: a function of images to logits `[N, 1]`.
        images: `[N, ...]`.

    Returns:
        A float32 tensor `[N]`, differentiable by the critic's weights.
    """
    gradients = input_grad(critic, ops.cast(images, "float32"))
    axes = tuple(range(1, len(gradients.shape)))
    return ops.sum(ops.square(ops.cast(gradients, "float32")), axis=axes)


def distance_from_one(critic, images):
    """Returns `(||grad D(x)|| - 1)^2`, the mean over the images.

    The gradient of the norm is taken as 0 where the norm is, so that a critic
    that is flat there costs 1 and gets no gradient, instead of NaN.

    Args:
        critic: a function of images to logits `[N, 1]`.
        images: `[N, ...]`.

    Returns:
        A float32 scalar.
    """
    squares = squared_gradient_norms(critic, images)
    positive = squares > 0
    roots = ops.sqrt(ops.where(positive, squares, ops.ones_like(squares)))
    norms = ops.where(positive, roots, ops.zeros_like(roots))
    return ops.mean(ops.square(norms - 1.0))
