"""Checks of the images that a GAN trains on."""

import warnings

import keras
import numpy as np

# Overshoot of a resampling filter, or a little noise, stays within it.
FARTHEST = 2.0

NO_IMAGE = (
    "There is no image to train on or to evaluate: the data must give at least "
    "one batch (`drop_remainder=True` leaves out an incomplete one)."
)


def check_data(data, expected):
    """Reject a batch, or the specification of one, that a step cannot take.

    Args:
        data: what Keras gives to a step: images, `(images,)` or
            `(images, labels)`, each with a `shape` in which unknown sizes are
            None.
        expected: as of `check_real`.

    Returns:
        The images.

    Raises:
        ValueError: it is a dictionary or several tensors, has sample weights,
            or as `check_real`.
    """
    real, _, weights = keras.utils.unpack_x_y_sample_weight(data)
    check_unweighted(sample_weight=weights)
    if isinstance(real, dict):
        name = "image" if "image" in real else next(iter(real), "image")
        raise ValueError(
            "Real images must be one tensor: take them out of the dictionary, "
            f'such as dataset.map(lambda e: tf.cast(e["{name}"], "float32") / '
            f"127.5 - 1). Received: a dictionary of {sorted(real)}"
        )
    if not hasattr(real, "shape"):
        raise ValueError(
            "Real images must be one tensor [N, H, W, C]. "
            f"Received: a {type(real).__name__}"
        )
    check_real(real, expected)
    return real


def check_unweighted(**weights):
    """Reject weights of images, which a GAN's losses do not have."""
    for name, value in weights.items():
        if value is not None:
            raise ValueError(
                "A GAN weighs all real images alike: leave weights out, and "
                "repeat in the data what should count more. "
                f"Received: {name}={short(value)}"
            )


def check_real(real, expected):
    """Reject real data that the discriminator does not take.

    Args:
        real: anything with a `shape`, in which unknown sizes are None.
        expected: the shape of the networks' images, in which unknown sizes are
            None.

    Raises:
        ValueError: rank or sizes differ, or it does not hold floats.
    """
    dtype = getattr(real, "dtype", None)
    dtype = str(getattr(dtype, "name", dtype))
    if dtype != "None" and "float" not in dtype:
        raise ValueError(
            "Real images must be floats in [-1, 1], such as uint8 / 127.5 - 1. "
            f"Received: dtype={dtype}"
        )
    if getattr(real.shape, "rank", 0) is None:
        return
    shape = tuple(real.shape)
    if len(shape) != len(expected) or any(
        None not in (size, wanted) and size != wanted
        for size, wanted in zip(shape[1:], expected[1:])
    ):
        hint = ""
        if len(shape) == len(expected) - 1:
            hint = ", in batches: dataset.batch(64), or images[None] for one"
        raise ValueError(
            "Real images must have the discriminator's shape "
            f"{expected}{hint}. Received: shape={shape}"
        )


def check_values(values):
    """Look at the numbers of some real images, on the host.

    Images are in [-1, 1]. Beyond -2 or 2 (such as 0..255, or images divided
    by the standard deviation of a data set) they are rejected; what filters
    and a little noise add at the edges passes. The least value of all from 0
    up to 0.5 draws a warning: in [0, 1] that is black or a dark tone, but in
    [-1, 1] no image would have a tone darker than the middle grey. If the
    least is brighter than that, as in blank pages, nothing is said: both
    ranges have such images. Of data that are no images (not of rank 4) only
    infinities and NaN are looked for.

    Args:
        values: array of floats `[N, ...]`.

    Raises:
        ValueError: a value is not finite or far outside of [-1, 1].
    """
    if values.dtype == object or not values.size:
        return
    values = values.astype("float32", copy=False)
    least, most = float(values.min()), float(values.max())
    if not np.isfinite(least) or not np.isfinite(most):
        finite = np.isfinite(values.reshape(len(values), -1)).all(axis=1)
        raise ValueError(
            "Real images must be finite. Received: NaN or infinite values in "
            f"{int((~finite).sum())} of the first {len(values)} images, first "
            f"in images[{int(np.argmin(finite))}]"
        )
    if values.ndim != 4:
        return
    if max(-least, most) > FARTHEST:
        raise ValueError(
            "Real images must be in [-1, 1], such as uint8 / 127.5 - 1. "
            f"Received: values from {least:.6g} to {most:.6g}"
        )
    if 0 <= least < 0.5:
        warnings.warn(
            f"the first {len(values)} real images have no value below 0 (the "
            f"least is {least:.3g}), and a GAN takes images in [-1, 1]: if "
            "these are in [0, 1], train on images * 2 - 1",
            stacklevel=2,
        )


def short(value):
    """Returns a value in a few words, for an error."""
    return (
        value
        if isinstance(value, (str, float, type(None)))
        else (f"a {type(value).__name__}")
    )
