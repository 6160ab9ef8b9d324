"""Random weights of the Inception network, as tests/oracles has them."""

import zlib

import numpy as np


def random_weights(model):
    """dict of `<layer>/kernel` and `<layer>/bias`, float32."""
    found = {}
    for layer in model.layers:
        if not layer.weights:
            continue
        random = np.random.RandomState(zlib.crc32(layer.name.encode()))
        shape = tuple(layer.kernel.shape)
        bound = np.sqrt(6 / np.prod(shape[:-1]))
        kernel = random.uniform(-bound, bound, shape)
        found[f"{layer.name}/kernel"] = kernel.astype("float32")
        if len(layer.weights) == 2:
            bias = random.uniform(-0.1, 0.1, shape[-1:])
            found[f"{layer.name}/bias"] = bias.astype("float32")
    return found


def random_images():
    """float32 `[2, 299, 299, 3]` in [-1, 1]: fine and coarse noise."""
    random = np.random.RandomState(0)
    fine = random.uniform(-1, 1, (299, 299, 3))
    coarse = random.uniform(-1, 1, (13, 13, 3))
    coarse = np.kron(coarse, np.ones((23, 23, 1)))
    return np.stack([fine, coarse]).astype("float32")
