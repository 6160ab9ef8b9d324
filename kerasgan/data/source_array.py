"""Images in a NumPy file: `.npy`, or `.npz` with labels and splits."""

import io
import zipfile
import zlib

import numpy as np

from kerasgan.data.opened_source import OpenedSource, file_identity
from kerasgan.data.splits import EVERYTHING

# Names of the images and their labels in an `.npz`, of everything or of a split
# (`x_train` and `y_train` as in the files of keras.datasets).
_IMAGES, _LABELS = ("images", "x", "data", "arr_0"), ("labels", "y", "arr_1")
_DAMAGES = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)


class ArraySource(OpenedSource):
    """The images of a NumPy file, in their order.

    They are handed on as PNG files, so that all sources are decoded by the same
    code. The array of an `.npy` is not read as a whole.

    Args:
        path: the file: uint8 `[N, height, width]` or `[N, height, width, 1, 3 or
            4 channels]`. In an `.npz` it is called `images`, `x`, `data` or
            `arr_0`, the labels `[N]` `labels`, `y` or `arr_1`, integers or
            text; or `x_train`, `y_train`, `x_test` and so on.
        split: `"train"`, `"test"` or any other that has an array; without
            splits everything is `"train"`, None or `"all"`.

    Raises:
        ValueError: the file is damaged, has no such array, or no such split.
    """

    CLASSES_ARE = "the values of `labels` in an .npz, one for each image"

    def __init__(self, path, split):
        self.received = f"Received: source={path}, split={split}"
        arrays = _arrays(path, self.received)
        splits = _splits(arrays, self.received)
        self.split = _chosen(splits, split, self.received)
        parts = [self.split] if self.split in splits else list(splits)
        of_parts = [
            _images(arrays, splits[part], self.received) for part in parts
        ]
        self.images = _joined(of_parts, self.received)
        labels = _labels(arrays, splits, self.received)
        own = [labels.get(part, ()) for part in parts]
        sizes = [len(images) for images in of_parts]
        self.labels = self.all_labels = None
        # Of other splits the labels may be missing, of these not.
        if sizes == [len(part) for part in own]:
            self.labels = np.concatenate(own)
            self.all_labels = np.concatenate([*labels.values()])
        self.skipped, self.unknown, self.others = [], frozenset(), {}
        self.identity = file_identity("array", path)

    def __len__(self):
        return len(self.images)

    def __iter__(self):
        digits = len(str(len(self.images) - 1))
        for index, image in enumerate(self.images):
            yield f"{index:0{digits}}", _Reader(image)

    def classes(self):
        """Returns the names of the classes: the labels in their order."""
        if self.all_labels is None:
            return []
        return [str(label) for label in np.unique(self.all_labels)]

    def class_of(self, name, read=None):
        """Returns the class of an image, None without labels."""
        return None if self.labels is None else str(self.labels[int(name)])

    def classes_of_members(self):
        """Returns name -> class of all images."""
        return {name: self.class_of(name) for name, _ in self}


class _Reader:
    """Encodes an image without compression."""

    def __init__(self, image):
        self.image = image

    @property
    def size(self):
        return self.image.nbytes

    def __call__(self, size=None):
        from PIL import Image

        image = self.image
        if image.ndim == 3 and image.shape[-1] == 1:
            image = image[..., 0]
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image)).save(
            file, "PNG", compress_level=0
        )
        return file.getvalue()[:size]


def _arrays(path, received):
    """Returns the arrays of a file by name; those of an `.npz` are read late."""
    try:
        loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    except _DAMAGES as error:
        raise _damaged(received) from error
    return {"images": loaded} if isinstance(loaded, np.ndarray) else loaded


def _read(arrays, name, received):
    try:
        return arrays[name]
    except _DAMAGES as error:
        raise _damaged(received) from error


def _damaged(received):
    return ValueError(
        "Expected a sound .npy or .npz file of images, without Python objects. "
        f"{received}"
    )


def _splits(arrays, received):
    """Returns the names of the images and labels of each split."""
    names = set(arrays)
    images, labels = (
        next((name for name in known if name in names), None)
        for known in (_IMAGES, _LABELS)
    )
    arrays_of_splits = {EVERYTHING: (images, labels)} if images else {}
    for name in sorted(names):
        for images, labels in (("x_", "y_"), ("images_", "labels_")):
            if name.startswith(images):
                split = name.removeprefix(images)
                arrays_of_splits[split] = name, labels + split
    if not arrays_of_splits:
        raise ValueError(
            f"Expected an array {', '.join(_IMAGES)} or x_train, but there are "
            f"only {', '.join(sorted(names)) or 'none'}. {received}"
        )
    return arrays_of_splits


def _chosen(splits, split, received):
    if EVERYTHING in splits:
        if split in (EVERYTHING, "train", None):
            return EVERYTHING
    elif split == EVERYTHING:
        return split
    elif split is None:
        unseen = [name for name in ("test", "val") if name in splits]
        return [*unseen, EVERYTHING][0]
    if split in splits:
        return split
    if [*splits] == [EVERYTHING]:
        raise ValueError(
            "Expected the split 'train' or 'all' (everything), since the source "
            f"has no splits. {received}"
        )
    raise ValueError(
        f"Expected one of the splits {', '.join(splits)}. {received}"
    )


def _images(arrays, names, received):
    images = _read(arrays, names[0], received)
    if (
        images.dtype != np.uint8
        or images.ndim not in (3, 4)
        or 0 in images.shape
        or (images.ndim == 4 and images.shape[-1] not in (1, 3, 4))
    ):
        raise ValueError(
            "Expected images as uint8 [N, height, width, 1, 3 or 4 channels] or "
            "[N, height, width] (kerasgan.sampling.to_uint8 converts images in "
            f"[-1, 1]), but {names[0]} is {images.dtype} {images.shape}. "
            f"{received}"
        )
    return images


def _joined(of_parts, received):
    if len(of_parts) == 1:
        return of_parts[0]
    shapes = [images.shape[1:] for images in of_parts]
    if len(set(shapes)) > 1:
        raise ValueError(
            "Expected images of one shape in all splits, or the name of a split, "
            f"but they are {', '.join(map(str, shapes))}. {received}"
        )
    return np.concatenate(of_parts)


def _labels(arrays, splits, received):
    """Returns split -> its labels, of those that have any."""
    return {
        split: np.reshape(_read(arrays, name, received), -1)
        for split, (_, name) in splits.items()
        if name in arrays
    }
