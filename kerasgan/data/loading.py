"""Batches for training, in one call."""

from kerasgan.data.batches import Batches
from kerasgan.data.preparation import prepare
from kerasgan.utils.typing import Any, PathLike, Sequence


def load(
    source: PathLike,
    split: str | None = "train",
    image_size: int | Sequence[int] = 64,
    crop: int | Sequence[int] | None = None,
    flip: bool = True,
    batch_size: int = 64,
    shuffle: bool = True,
    seed: int = 0,
    resize: str = "area",
    data_dir: PathLike | None = None,
    cache_dir: PathLike | None = None,
    progress: Any = None,
    background: str = "white",
    hold_out: float | str | None = None,
    held_out: bool = False,
    labels: bool | Sequence[str] = False,
) -> Any:
    """Returns batches of images for `gan.fit`, one epoch in each pass.

    >>> images = kerasgan.data.load("photos", image_size=64, batch_size=4)
    >>> batch = next(iter(images))
    >>> tuple(batch.shape), -1 <= float(batch[0, 0, 0, 0]) <= 1
    ((4, 64, 64, 3), True)

    Args:
        source: `"tfds:<name>"`, or the path of a folder, a zip or a NumPy file of images.
        split: the split, see `prepare`.
        image_size: side, `(height, width)` or `(height, width, channels)`; even
            positive numbers, and 1 (gray) or 3 channels.
        crop: side, or `(height, width)`, in pixels, of the central part of the
            originals that is used; `None` for all of it.
        flip: whether to mirror each image with probability 1/2.
        batch_size: images in a batch, at least 1. Fewer than a batch at the end of an epoch
            sit it out.
        shuffle: whether each epoch has a fresh order.
        seed: any integer; order and mirroring depend on it alone.
        resize: `"area"`, `"lanczos"` or `"bilinear"`.
        data_dir: for TFDS, the folder of its data sets. Defaults to TFDS's.
        cache_dir: folder for the prepared images, see `prepare`.
        progress: whether to draw a progress bar, see `prepare`.
        background: colour behind transparent pixels, see `prepare`.
        hold_out: the fraction of images to leave out, such as `0.05`, see
            `prepare`, by which `held_out=True` gives these images.
        held_out: whether the batches are of the images left out.
        labels: whether to give the class of each image, too, see `prepare`.

    Returns:
        float32 batches `[batch_size, height, width, channels]` on [-1, 1], or
        with labels tuples of these and int32 `[batch_size]`: a
        `tf.data.Dataset` of known cardinality on the TensorFlow backend,
        otherwise a `keras.utils.PyDataset`. `gan.fit` continues in their order
        at the GAN's own step, so that it may be resumed (`load_weights`,
        `load_model`, `keras.callbacks.BackupAndRestore`).

    Raises:
        FileNotFoundError, ValueError: see `prepare` and `Batches`.
    """
    prepared = prepare(
        source,
        split=split,
        image_size=image_size,
        crop=crop,
        resize=resize,
        data_dir=data_dir,
        cache_dir=cache_dir,
        progress=progress,
        background=background,
        hold_out=hold_out,
        held_out=held_out,
        labels=labels,
    )
    return Batches(
        prepared, batch_size, flip=flip, shuffle=shuffle, seed=seed
    ).epochs()
