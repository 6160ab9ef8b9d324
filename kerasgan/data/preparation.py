"""From a source to one array of images of one size, kept in a cache."""

import collections
import concurrent.futures
import dataclasses
import itertools
import json
import operator
import os
import warnings
from pathlib import Path

from PIL import UnidentifiedImageError

from kerasgan.cores import cores
from kerasgan.data import cache
from kerasgan.data.hold_out import HeldOut
from kerasgan.data.pixels import RESIZE_METHODS, decode
from kerasgan.data.sources import open_source
from kerasgan.progress import progress_bar
from kerasgan.shares import check_share

# Raise it when the pixels change for the same settings: old caches are then
# left alone and new ones made.
FORMAT_VERSION = 1
# Images that one task decodes: enough to hide a task's own cost (50 us).
CHUNK = 16
# Names in a warning; all are in `PreparedImages.skipped`.
NAMED = 3


def prepare(
    source,
    split="train",
    image_size=64,
    crop=None,
    resize="area",
    data_dir=None,
    cache_dir=None,
    progress=None,
    hold_out=None,
    held_out=False,
):
    """Decode, crop and resize the images of a source, once.

    The result is kept in a cache, in a folder whose name depends on the source
    (path, size and time of change; name and version for TFDS) and all settings;
    the next call with the same ones only opens it. Memory use does not grow
    with the number of images.

    Args:
        source: `"tfds:<name>"` (see TensorFlow Datasets), or the path of a
            folder (with its subfolders) or of a zip of images.
        split: the split. Of a folder or zip the name of a split or a folder, see
            `kerasgan.data.splits.select_split`: `"train"` means everything if
            it has no splits, `"all"` everything in any case, and `None`
            `"test"` (or else `"val"`) if there is one, and else everything.
        image_size: side, or `(height, width)`, of the result; even numbers.
        crop: side, or `(height, width)`, of the central part to use, in pixels
            of the original; `None` for all of it. Images that do not have the
            aspect ratio of `image_size` then lose the ends of the longer side;
            none is stretched.
        resize: `"area"`, `"lanczos"` or `"bilinear"`, all antialiased.
        data_dir: for TFDS, the folder of its data sets. Defaults to TFDS's.
        cache_dir: folder of the cache. Defaults to `$KERASGAN_CACHE/data`, or
            `~/.cache/kerasgan/data` (`%LOCALAPPDATA%\\kerasgan\\data` on
            Windows).
        progress: whether to draw a progress bar on stderr; `None` for one that
            appears on a terminal when it takes more than a second.
        hold_out: the share of the split's images to leave out, such as `0.05`
            or `"5%"`, so that they can be measured on; chosen by a hash of each
            file's bytes: adding images moves none, and equal files stay
            together. None for none.
        held_out: whether to return the images that `hold_out` leaves out,
            and not the rest.

    Returns:
        `PreparedImages`. An image that cannot be read, or is smaller than the
        crop, is left out, listed in `skipped`, and counted in a warning.

    Raises:
        FileNotFoundError: there is no such folder or file.
        ValueError: a setting is wrong, there is no such split, or not one image
            could be used.
    """
    image_size = _pair("image_size", image_size)
    if any(side % 2 for side in image_size):
        raise ValueError(
            "Expected an even height and width, because the networks halve "
            f"them. Received: image_size={image_size}"
        )
    crop = None if crop is None else _pair("crop", crop)
    if resize not in RESIZE_METHODS:
        raise ValueError(
            f"Expected one of {', '.join(RESIZE_METHODS)}. "
            f"Received: resize={resize}"
        )
    if hold_out is not None:
        hold_out = check_share(hold_out)
    elif held_out:
        raise ValueError(
            "Expected the share that is held out, such as hold_out=0.05. "
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
    }
    if hold_out is not None:
        settings |= {"hold_out": hold_out, "held_out": bool(held_out)}
        opened = HeldOut(opened, hold_out, bool(held_out), source, progress)
    root = Path(cache_dir).expanduser() if cache_dir else cache.default_folder()
    folder, found = _find(root, settings, opened)
    if found is None:
        _fill(folder, source, opened, settings, progress)
        found = cache.read(folder)
        if found is None:
            raise OSError(
                "Expected to read back what was just prepared. "
                f"Received: folder={folder}"
            )
    prepared, reasons = found
    if prepared.skipped:
        warnings.warn(
            _skipped_line(prepared, reasons, source), stacklevel=2
        )
    return dataclasses.replace(prepared, split=opened.split)


def _find(root, settings, opened):
    """The folder of the cache, and what is there, or None."""
    folder = root / cache.key(settings)
    found = cache.read(folder)
    names = getattr(opened, "names", None)
    if found is None or names is None:
        return folder, found
    prepared, _ = found
    if {*prepared.names, *prepared.skipped} == {
        *names,
        *(name for name, _ in opened.skipped),
    }:
        return folder, found
    # An earlier version selected others of the same zip.
    folder = root / cache.key({**settings, "names": names})
    return folder, cache.read(folder)


def _fill(folder, source, opened, settings, progress):
    """Prepare into `folder`."""
    image_size, crop = settings["image_size"], settings["crop"]
    resize = settings["resize"]
    names = []
    skipped = [name for name, _ in opened.skipped]
    reasons = [reason for _, reason in opened.skipped]
    with cache.writing(folder) as temporary:
        writer = cache.ArrayWriter(temporary / cache.ARRAY, (*image_size, 3))
        try:
            title = f"Preparing {os.path.basename(os.path.normpath(source))}"
            with progress_bar(title, len(opened), progress) as advance:
                for name, image, reason in _decoded(
                    opened, image_size, crop, resize
                ):
                    if image is None:
                        skipped.append(name)
                        reasons.append(reason)
                    else:
                        writer.append(image)
                        names.append(name)
                    advance()
            if not names:
                first = f" ({skipped[0]}: {reasons[0]})" if skipped else ""
                raise ValueError(
                    "Expected a source with at least one usable image, but "
                    f"none of {len(skipped)} is{first}. "
                    f"Received: source={source}"
                )
            fingerprint = writer.close()
        finally:
            writer.abandon()
        index = {
            **settings,
            "shape": [writer.count, *writer.image_shape],
            "fingerprint": fingerprint,
            "names": names,
            "skipped": skipped,
            "reasons": reasons,
        }
        with open(temporary / cache.INDEX, "w", encoding="utf-8") as file:
            json.dump(index, file)


def _decoded(opened, image_size, crop, resize):
    """Yields `(name, image, reason)` in order, decoded on all cores.

    `image` is `None` where `reason` says why it cannot be used.
    """

    def task(members):
        return [
            (name, *_try_decode(read, image_size, crop, resize))
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


def _try_decode(read, image_size, crop, resize):
    try:
        return decode(read(), image_size, crop, resize), None
    except MemoryError:
        raise
    except UnidentifiedImageError:
        return None, "not an image"
    # Pillow and zipfile raise nearly every kind of error for damaged bytes.
    except Exception as error:
        lines = str(error).strip().splitlines()
        return None, lines[0] if lines else type(error).__name__


def _skipped_line(prepared, reasons, source):
    named = [
        f"{name} ({reason})"
        for name, reason in zip(prepared.skipped[:NAMED], reasons)
    ]
    more = len(prepared.skipped) - len(named)
    if more:
        named.append(f"and {more} more")
    total = len(prepared) + len(prepared.skipped)
    return (
        f"Skipped {len(prepared.skipped)} of {total} images of {source}: "
        + ", ".join(named)
    )


def _pair(name, value):
    """`(height, width)` from a positive integer or two of them."""
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
        "Expected a positive integer (even for image_size), or two of them "
        f"(height, width). Received: {name}={value}"
    )
