"""Latents that a user gives: as an array, or in a NumPy file."""

import zipfile

import numpy as np

from kerasgan.utils.files import atomic_write
from kerasgan.utils.typing import Any, PathLike

_DAMAGES = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile)


def check_latents(latents: Any, latent_dim: int) -> np.ndarray:
    """Returns latents as a float32 array `[N, latent_dim]`.

    Raises:
        ValueError: they have another shape or dtype, or are not finite.
    """
    latents = np.asarray(latents)
    expected = f"Expected latents as finite floats of shape (N, {latent_dim})"
    if (
        latents.dtype.kind != "f"
        or latents.ndim != 2
        or latents.shape[1] != latent_dim
        or not len(latents)
    ):
        raise ValueError(
            f"{expected}, N at least 1. Received: {latents.dtype} of shape "
            f"{latents.shape}"
        )
    with np.errstate(over="ignore"):
        latents = latents.astype(np.float32)
    finite = np.isfinite(latents).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"{expected}. Received: a row {int(np.argmin(finite))} that is not "
            "finite in float32"
        )
    return latents


def save_latents(path: PathLike, latents: Any, labels: Any = None) -> None:
    """Writes latents to a file that `read_latents` reads.

    Args:
        path: a file that ends in `.npy`, or in `.npz`, which keeps the labels,
            too. It appears only when it is complete.
        latents: finite floats `[N, latent_dim]`.
        labels: of a conditional generator, integers `[N]`. Optional.
    """
    with atomic_write(path) as file:
        if str(path).lower().endswith(".npz"):
            if labels is None:
                np.savez(file, latents=np.asarray(latents))
            else:
                np.savez(
                    file,
                    latents=np.asarray(latents),
                    labels=np.asarray(labels),
                )
        else:
            np.save(file, np.asarray(latents))


def read_latents(
    path: PathLike, latent_dim: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Reads latents from an `.npy`, or an `.npz` with `latents` and `labels`.

    Args:
        path: the file. Nothing in it is executed: there is no pickle.
        latent_dim: the length of the generator's latents, at least 1.

    Returns:
        Finite float32 `[N, latent_dim]`, and the labels `[N]` of a conditional
        generator, or None.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no such file, is damaged, or has other latents.
    """
    try:
        # As a map: a header can claim more than there is memory for.
        content = np.load(path, mmap_mode="r", allow_pickle=False)
        labels = None
        if not isinstance(content, np.ndarray):
            with content as arrays:
                labels = arrays.get("labels")
                content = arrays["latents"]
    except FileNotFoundError:
        raise
    except _DAMAGES as error:
        raise ValueError(
            "Expected a sound .npy file of latents, or an .npz with the arrays "
            "latents and labels, without Python objects. "
            f"Received: latents={path}"
        ) from error
    try:
        latents = check_latents(content, latent_dim)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    if labels is not None and (
        labels.shape != (len(latents),) or labels.dtype.kind not in "iu"
    ):
        raise ValueError(
            f"{path}: expected one integer label per latent. Received: "
            f"{labels.dtype} of shape {labels.shape}"
        )
    return latents, labels
