"""The main directions of a SavedModel's latents."""

import functools

import numpy as np

COUNT = 6  # sliders of the page


@functools.lru_cache(64)
def find_directions(path, latent_dim, classes=0):
    """Returns `kerasgan.directions` (`"sefa"`) of a generator that was exported.

    An export is folded: its first layer is a plain kernel, whose rows are the
    latents (and behind them an embedding of the classes).

    Args:
        path: the SavedModel's folder.
        latent_dim: the length of its latents.
        classes: the number of its classes; 0 without.

    Returns:
        float32 `[K, latent_dim]`, the strongest first, K at most 6; 0 if its
        first layer is not known.
    """
    from kerasgan.sampling.latent_directions import of_kernel

    kernel = _first_kernel(path, latent_dim, classes)
    if kernel is None:
        return np.zeros((0, latent_dim), np.float32)
    return of_kernel(kernel.T, min(COUNT, *kernel.shape))


def _first_kernel(path, latent_dim, classes):
    import tensorflow as tf

    try:
        values = tf.train.load_checkpoint(f"{path}/variables/variables")
    except (tf.errors.OpError, ValueError):
        return None  # A model without variables.
    shapes = {
        name: shape
        for name, shape in values.get_variable_to_shape_map().items()
        if len(shape) == 2
    }
    rows = {latent_dim}
    if classes:
        rows |= {latent_dim + b for a, b in shapes.values() if a == classes}
    candidates = [name for name, shape in shapes.items() if shape[0] in rows]
    if len(candidates) != 1:
        return None
    return values.get_tensor(candidates[0])[:latent_dim].astype(np.float64)
