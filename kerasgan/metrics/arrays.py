"""Checks of arrays of features, shared by the metrics."""

import operator

import numpy as np


def check_features(features, name="features", at_least=1):
    """Returns `features` as an array `[N, D]` of finite numbers, not copied.

    Raises:
        ValueError: if it is anything else, or N is below `at_least`.
    """
    features = np.asarray(features)
    if features.ndim != 2 or not features.shape[1]:
        raise ValueError(
            f"`{name}` must have the shape [N, D]. Received: "
            f"{name}.shape={features.shape}"
        )
    if features.dtype.kind not in "fiu":
        # Half precision of other libraries has another kind.
        try:
            features = features.astype("float32", casting="same_kind")
        except TypeError:
            raise ValueError(
                f"`{name}` must hold real numbers. Received: {name}.dtype="
                f"{features.dtype}"
            ) from None
    if len(features) < at_least:
        raise ValueError(
            f"`{name}` must have at least {at_least} rows. Received: "
            f"{name}.shape={features.shape}"
        )
    if features.dtype.kind == "f":
        for block in blocks(len(features)):
            finite = np.isfinite(features[block]).all(axis=1)
            if not finite.all():
                row = block.start + int(np.argmin(finite))
                raise ValueError(
                    f"`{name}` must be finite, and row {row} is not. Received: "
                    f"{name}[{row}].min()={features[row].min()}, "
                    f"{name}[{row}].max()={features[row].max()}"
                )
    return features


def check_pair(real, fake, at_least=1):
    """Checks both by `check_features`, and that their dimensions are equal."""
    real = check_features(real, "real", at_least)
    fake = check_features(fake, "fake", at_least)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            "`real` and `fake` must have features of the same dimension. "
            f"Received: real.shape={real.shape}, fake.shape={fake.shape}"
        )
    return real, fake


def check_count(value, name, at_least=1):
    """Returns `value` as an int of at least `at_least`."""
    try:
        count = operator.index(value)
    except TypeError:
        count = None
    if count is None or count < at_least:
        raise ValueError(
            f"`{name}` must be an integer of at least {at_least}. Received: "
            f"{name}={value!r}"
        )
    return count


def blocks(count, size=1024):
    """Slices that cover `range(count)` in order, `size` at a time."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))
