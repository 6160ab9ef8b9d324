import math

import numpy as np
from keras import ops


def adjust_color(images, brightness, saturation, contrast):
    """Changes brightness, saturation, then contrast, in one linear map.

        x <- x + brightness
        x <- gray + saturation (x - gray),  gray = mean over a pixel's channels
        x <- mean + contrast (x - mean),    mean over the image

    Nothing is clipped. The last two keep the mean, so that all three together
    are `contrast saturation x + contrast (1 - saturation) gray + brightness +
    (1 - contrast) mean` with gray and mean of the image as it came.

    Args:
        images: float32 `[N, H, W, C]`; H, W and C are known.
        brightness: `[N]`; 0 changes nothing.
        saturation: `[N]`; 1 changes nothing, 0 is gray.
        contrast: `[N]`; 1 changes nothing, 0 is the image's mean.

    Returns:
        A tensor like `images`.
    """
    height, width, channels = images.shape[1:]
    size = height * width * channels
    flat = ops.reshape(images, (-1, size))
    # Reductions over three channels, and broadcasts back to them, are slow on a
    # CPU. A product with a small matrix of ones gives each channel the sum.
    block = math.gcd(8, height * width)
    ones = np.kron(np.eye(block), np.ones((channels, channels)))
    pixels = ops.reshape(images, (-1, block * channels))
    sums = ops.matmul(pixels, ops.convert_to_tensor(ones, dtype="float32"))
    sums = ops.reshape(sums, (-1, size))
    of_image = contrast * saturation
    of_sums = contrast * (1.0 - saturation) / channels
    offset = brightness + (1.0 - contrast) * ops.mean(flat, axis=1)
    adjusted = flat * of_image[:, None] + (
        sums * of_sums[:, None] + offset[:, None]
    )
    return ops.reshape(adjusted, (-1, height, width, channels))
