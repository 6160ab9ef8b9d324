"""From a source to one array of images of one size, kept in a cache."""

import collections
import concurrent.futures
import dataclasses
import itertools
import operator
import os
import warnings
from pathlib import Path

from PIL import UnidentifiedImageError

from kerasgan.data import cache, file_notes
from kerasgan.data.formats import format_names, has_signature
from kerasgan.data.hold_out import HeldOut
from kerasgan.data.hold_out_share import check_share
from kerasgan.data.image_size import check_image_size
from kerasgan.data.labels import check_label, labelling, without_images
from kerasgan.data.large_images import is_large, one_at_a_time
from kerasgan.data.pixels import RESIZE_METHODS, decode
from kerasgan.data.sources import open_source
from kerasgan.utils import rgb
from kerasgan.utils.hardware import cores
from kerasgan.utils.json_files import write_json
from kerasgan.utils.progress_bars import progress_bar
from kerasgan.utils.typing import Any, PathLike, Sequence

# Raise it when the pixels change for the same settings: old caches are then
# left alone and new ones made.
FORMAT_VERSION = 3
# Images that one task decodes: enough to hide a task's own cost (50 us).
CHUNK = 16


def prepare(
    source: PathLike,
    split: str | None = "train",
    image_size: int | str | Sequence[int] | None = 64,
    crop: int | Sequence[int] | None = None,
    resize: str = "area",
    data_dir: PathLike | None = None,
    cache_dir: PathLike | None = None,
    progress: Any = None,
    background: str = "white",
    hold_out: float | str | None = None,
    held_out: bool = False,
    labels: bool | Sequence[str] = False,
) -> cache.PreparedImages:
    """Decode, crop and resize the images of a source, once.

    The result is kept in a cache, in a folder whose name depends on the source
    (path, size and time of change; name and version for TFDS) and all settings;
    the next call with the same ones only opens it. Pixels go to a file: an
    image takes some hundred bytes of memory, for its name. Large ones are
    decoded one at a time.

    Whatever Pillow can open is an image, whatever its name; HEIC with the
    package pillow-heif, JPEG XL with pillow-jxl-plugin. Vector graphics, raw
    photos and films are not. The result is opaque sRGB: colour profiles are
    applied, transparency is composited, and more than 8 bits are scaled
    (`kerasgan.data.pixels.decode` states the rules and the limits).

    Args:
        source: `"tfds:<name>"` (see TensorFlow Datasets), or the path of a
            folder (with its subfolders), of a zip of images, of a tar or shards
            (`faces-{000000..000009}.tar`) with WebDataset's labels, or of an
            `.npy` or `.npz` of uint8 `[N, height, width, channels]`; or
            `"hf-dataset:<name>"`, a data set of the library `datasets`, also the
            path of what its `save_to_disk` wrote or of a `.parquet`.
        split: the split. Of a folder or zip the name of a split or a folder, see
            `kerasgan.data.splits.select_split`: `"train"` means everything if
            it has no splits, `"all"` everything in any case, and `None`
            `"test"` (or else `"val"`) if there is one, and else everything.
        image_size: side, `(height, width)` or `(height, width, channels)` of the
            result; even positive numbers, and 1 or 3 channels. One channel is luminance
            (`kerasgan.data.pixels.decode` has the formula). `None` for the size
            that the images have, one for all.
        crop: side, or `(height, width)`, of the central part to use, in pixels
            of the original; `None` for all of it. Images that do not have the
            aspect ratio of `image_size` then lose the ends of the longer side;
            none is stretched.
        resize: `"area"`, `"lanczos"` or `"bilinear"`, all antialiased.
        data_dir: for TFDS, the folder of its data sets. Defaults to TFDS's.
        cache_dir: folder of the cache. Defaults to `$KERASGAN_CACHE/data`, or
            else `kerasgan/data` in the system's folder of caches (on Linux
            `$XDG_CACHE_HOME`, or `~/.cache`).
        progress: whether to draw a progress bar on stderr; `None` for one that
            appears on a terminal when it takes more than a second.
        background: colour behind transparent pixels: `"white"`, `"black"`,
            `"grey"`, `"#rrggbb"` or `(r, g, b)` in 0..255.
        hold_out: the fraction of the split's images to leave out, above 0 and
            below 1, such as `0.05` or `"5%"`, so that they can be measured on; chosen by a hash
            of each file's bytes: adding images moves none, and equal files
            stay together. None for none.
        held_out: whether to return the images that `hold_out` leaves out,
            and not the rest.
        labels: whether to keep the class of each image, too. The classes are
            the folders at the first level below the split (and below folders
            that wrap everything), sorted by name, the same for all splits:
            those of the training split. Of TFDS they are those of its label
            feature, in its order. Or a list of their names: labels are then
            their indices in it.

    Returns:
        `PreparedImages`. An image that cannot be read, or is smaller than the
        crop, is left out, listed in `skipped`, and counted in a warning. So are
        files that are no images; and images that are copies of others, are
        smaller than `image_size`, have several frames, and so on, which are
        used. `remarks` has these lines.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: a setting is wrong, there is no such split, not one image
            could be used, or with `labels` there are fewer than two classes or
            images outside of them.
    """
    if image_size is not None:
        *image_size, channels = check_image_size(image_size)
        if channels != 3:
            # Otherwise left out, as in the caches that were made before.
            image_size.append(channels)
    crop = None if crop is None else _pair("crop", crop)
    if resize not in RESIZE_METHODS:
        raise ValueError(
            f"Expected one of {', '.join(RESIZE_METHODS)}. "
            f"Received: resize={resize}"
        )
    try:
        background = rgb.to_text(background)
    except ValueError as error:
        raise ValueError(
            f"{error}. Received: background={background}"
        ) from None
    if hold_out is not None:
        hold_out = check_share(hold_out)
    elif held_out:
        raise ValueError(
            "Expected the fraction to hold out, such as hold_out=0.05. "
            "Received: hold_out=None, held_out=True"
        )
    opened = open_source(source, split, data_dir)
    settings = {
        "format": FORMAT_VERSION,
        "source": opened.identity,
        "split": str(split),
        "image_size": image_size,
        "crop": crop,
        "resize": resize,
        "background": background,
        # A new one opens what was ignored before.
        "formats": format_names(),
    }
    label_of = None
    if labels is not False:
        names = None if labels is True else labels
        settings["classes"], label_of = labelling(opened, names)
    if hold_out is not None:
        settings |= {"hold_out": hold_out, "held_out": bool(held_out)}
        opened = HeldOut(opened, hold_out, bool(held_out), source, progress)
    root = Path(cache_dir).expanduser() if cache_dir else cache.default_folder()
    folder = root / cache.key(settings)
    cached = cache.read(folder)
    if cached is None:
        _fill(folder, source, opened, settings, label_of, progress)
        cached = cache.read(folder)
        if cached is None:
            raise OSError(
                "Expected to read back what was just prepared. "
                f"Received: folder={folder}"
            )
    prepared, index = cached
    notes = file_notes.lines(index, opened.others, source)
    notes += without_images(prepared, opened.split, source)
    for line in notes:
        warnings.warn(line, stacklevel=2)
    return dataclasses.replace(prepared, remarks=notes, split=opened.split)


def _fill(folder, source, opened, settings, label_of, progress):
    """Prepare into `folder`."""
    tally, labels = file_notes.Tally(), []
    for name, reason in opened.skipped:
        tally.skip(name, reason)
    with cache.writing(folder) as temporary:
        size = settings["image_size"]
        shape = None if size is None else (*size, 3)[:3]
        writer = cache.ArrayWriter(temporary / cache.ARRAY, shape)
        try:
            title = f"Preparing {os.path.basename(os.path.normpath(source))}"
            with progress_bar(title, len(opened), progress) as advance:
                for name, label, image, outcome in _decoded(
                    opened, settings, label_of
                ):
                    if image is not None:
                        if label_of is not None:
                            labels.append(check_label(label, name, source))
                        if image.shape != (writer.image_shape or image.shape):
                            raise ValueError(
                                _two_sizes(tally, writer, name, image, source)
                            )
                        writer.append(image)
                        tally.use(name, image, outcome)
                    elif outcome is None:
                        tally.ignore(name)
                    else:
                        tally.skip(name, outcome)
                    advance()
            if not tally.names:
                raise ValueError(
                    "Expected a source with at least one usable image, but "
                    f"{_why_none(tally)}. Received: source={source}"
                )
            fingerprint = writer.close()
        finally:
            writer.abandon()
        index = {
            **settings,
            "shape": [writer.count, *writer.image_shape],
            "fingerprint": fingerprint,
            **tally.record(),
        }
        if label_of is not None:
            index["labels"] = labels
        write_json(temporary / cache.INDEX, index, indent=None)


def _two_sizes(tally, writer, name, image, source):
    sizes = [
        "x".join(map(str, x[:2])) for x in (writer.image_shape, image.shape)
    ]
    return (
        "Expected images of one size, or an image size to resize them to, but "
        f"{tally.names[0]} has {sizes[0]} and {name} {sizes[1]} pixels. "
        f"Received: source={source}"
    )


def _why_none(tally):
    if not tally.skipped:
        return f"it has only {file_notes.suffixes(tally.ignored)}"
    first = f"{tally.skipped[0]}: {tally.reasons[0]}"
    return f"none of {len(tally.skipped)} is ({first})"


def _decoded(opened, settings, label_of):
    """Yields `(name, label, image, outcome)` in order, decoded on all cores.

    `outcome` is the list of notes about an image; where `image` is None, the
    reason why it cannot be used; and None for a file that is no image.
    """

    def task(members):
        return [
            (
                name,
                label_of and label_of(name, read),
                *_try_decode(read, name in opened.unknown, settings),
            )
            for name, read in members
        ]

    workers = cores()
    pending = collections.deque()
    members = iter(opened)
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    try:
        while chunk := list(itertools.islice(members, CHUNK)):
            pending.append(pool.submit(task, chunk))
            if len(pending) > 2 * workers:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _try_decode(read, unknown, settings):
    notes = []
    try:
        size = read.size
        if unknown and not has_signature(read(16)):
            return None, None
        with one_at_a_time(is_large(size)):
            image = decode(
                read(),
                settings["image_size"],
                settings["crop"],
                settings["resize"],
                rgb.to_rgb(settings["background"]),
                notes,
            )
        return image, notes
    except UnidentifiedImageError as error:
        return None, None if unknown else _line(error)
    # Also a MemoryError: others may be smaller. Pillow and zipfile raise
    # nearly every kind of error for damaged bytes.
    except Exception as error:
        return None, _line(error)


def _line(error):
    # Without the number and the path that an error of the system has.
    text = getattr(error, "strerror", None) or str(error)
    lines = text.strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _pair(name, value):
    """Returns `(height, width)` from a positive integer or two of them."""
    try:
        try:
            pair = (operator.index(value),) * 2
        except TypeError:
            height, width = value
            pair = (operator.index(height), operator.index(width))
        if min(pair) > 0:
            return pair
    except (TypeError, ValueError):
        pass
    raise ValueError(
        "Expected a positive integer, or two of them (height, width). "
        f"Received: {name}={value}"
    )
