"""Checks of the labels that a conditional GAN trains on."""

import numpy as np


def check_labels(labels):
    """Reject labels, or the specification of them, by what is known of all.

    Args:
        labels: what comes with the images, with a `shape` in which unknown
            sizes are None.

    Returns:
        The labels.

    Raises:
        ValueError: there are none, or not integers `[N]` or `[N, 1]`.
    """
    if labels is None:
        raise ValueError(
            "A conditional GAN needs the label of each image: give (images, "
            "labels), such as fit(images, labels) or kerasgan.data.load(..., "
            "labels=True). Received: images alone"
        )
    if not hasattr(labels, "shape") or not hasattr(labels, "dtype"):
        raise ValueError(
            "Labels must be an array or a tensor of integers [N]. "
            f"Received: a {type(labels).__name__}"
        )
    dtype = str(getattr(labels.dtype, "name", labels.dtype))
    known = getattr(labels.shape, "rank", 0) is not None
    shape = tuple(labels.shape) if known else (None,)
    whole = "int" in dtype
    if whole and (
        len(shape) == 1 or (len(shape) == 2 and shape[1] in (1, None))
    ):
        return labels
    hint = ""
    if len(shape) == 2 and shape[1] not in (1, None):
        hint = ", not one-hot: np.argmax(labels, axis=1)"
    elif "float" in dtype or "bool" in dtype:
        hint = ': labels.astype("int32")'
    elif not whole:
        hint = ": np.unique(labels, return_inverse=True)[1] numbers names"
    raise ValueError(
        f"Labels must be integers [N], the index of each image's class{hint}. "
        f"Received: labels of shape={shape}, dtype={dtype}"
    )


def check_label_values(labels, count):
    """Reject labels that are not in the range of the classes, on the host.

    Args:
        labels: integer array `[N]` or `[N, 1]`.
        count: the number of classes, or None if it is not known.

    Raises:
        ValueError: as `check_labels`, or a label has no class.
    """
    check_labels(labels)
    if not labels.size:
        return
    least, most = int(np.min(labels)), int(np.max(labels))
    if least < 0 or (count is not None and most >= count):
        end = "" if count is None else f" to {count - 1}"
        raise ValueError(
            f"Labels must be from 0{end}, the classes of the networks. "
            f"Received: labels from {least} to {most}"
        )
