"""Decodes an image and resizes it."""

import contextlib
import io

import numpy as np

from kerasgan.data import colour, file_notes
from kerasgan.data.formats import open_image
from kerasgan.data.large_images import one_at_a_time

RESIZE_METHODS = ("area", "lanczos", "bilinear")
# Formats whose further frames belong to the first: depth, previews, layers.
_LAYERED = {"MPO", "PSD"}
# How many times as many pixels a JPEG may have that is decoded at a reduced
# scale: the coefficients of a progressive one are all held in memory.
_JPEG_FACTOR, _PROGRESSIVE_FACTOR = 6, 2
# From so many pixels on, images are decoded one at a time.
_LARGE_PIXELS = 2**25


def decode(
    data,
    image_size,
    crop=None,
    resize="area",
    background=(255, 255, 255),
    notes=None,
):
    """Decodes an image, crops its centre, resizes it.

    The steps: rotate by EXIF; scale more than 8 bits to 8 (see
    `kerasgan.data.colour.to_eight_bits`); cut out the central `crop`; cut the
    longer side, about the centre, to the aspect ratio of `image_size` (an image
    is never stretched); convert to opaque sRGB (see
    `kerasgan.data.colour.to_srgb`); for one channel take the luminance of the
    sRGB values, (19595 R + 38470 G + 7471 B + 32768) >> 16 (0.299, 0.587 and
    0.114, ITU-R BT.601), so that gray stays exactly the same; resize. Of several
    frames or pages the first is used.

    Args:
        data: bytes, an image in any format that Pillow reads.
        image_size: `(height, width)` of the result, in pixels, or `(height,
            width, channels)` with 1 or 3 channels. `None` for the image's own
            size: nothing is cut off, unless by `crop`, and nothing resized.
        crop: `(height, width)` in pixels of the image, or `None`.
        resize: `"area"` (Pillow's BOX when shrinking, BICUBIC when enlarging),
            `"lanczos"` or `"bilinear"` (both antialiased).
        background: three integers in 0..255, behind transparent pixels.
        notes: list, which gets the kinds of `kerasgan.data.file_notes` that apply.

    Returns:
        uint8 array `[height, width, 3]`, RGB, or `[height, width, 1]`.

    Raises:
        ValueError: the crop is larger than the image; there are more pixels
            than `PIL.Image.MAX_IMAGE_PIXELS` (89,478,485; JPEG without `crop`
            6 times as many, progressive JPEG twice as many); or values whose
            range is unknown.
        Exception: whatever Pillow raises for bytes that it cannot read.
    """
    notes = [] if notes is None else notes
    own_size, channels = image_size is None, 3
    if not own_size:
        *image_size, channels = (*image_size, 3)[:3]
    with open_image(io.BytesIO(data)) as image:
        format = image.format
        if format not in _LAYERED and getattr(image, "is_animated", False):
            notes.append(file_notes.FRAMES)
        deep = colour.inspect_depth(image)
        pixels = image.width * image.height
        if crop is None and not own_size:
            # Lets the JPEG decoder leave out detail of large photographs: at
            # four times the size the result moves by a grey level or two.
            image.draft(None, (4 * max(image_size),) * 2)
        _check_pixels(image, pixels)
        with one_at_a_time(image.width * image.height > _LARGE_PIXELS):
            image = _rotated(image)
            image = colour.to_eight_bits(image, deep, notes)
            if own_size:
                image_size = crop or (image.height, image.width)
            image = _cut(image, image_size, crop)
            if crop is None and (
                image.height < image_size[0] or image.width < image_size[1]
            ):
                notes.append(file_notes.enlarged(*image_size))
            image = colour.to_srgb(image, background, notes, format)
            if channels == 1:
                image = image.convert("L")
            pixels = np.asarray(_resized(image, image_size, resize))
            return pixels.reshape(*image_size, channels)


def _check_pixels(image, pixels):
    """Raises if an image has more pixels than are decoded."""
    from PIL import Image

    limit = Image.MAX_IMAGE_PIXELS
    if limit is None:
        return
    decoded = image.width * image.height
    # Only a JPEG can be decoded at a reduced scale.
    factor = 1
    if decoded < pixels:
        progressive = "progressive" in image.info
        factor = _PROGRESSIVE_FACTOR if progressive else _JPEG_FACTOR
    if decoded > limit or pixels > factor * limit:
        raise ValueError(
            f"{pixels / 1e6:.0f} megapixels, more than "
            f"{factor * limit / 1e6:.0f}: save it with fewer pixels"
        )


def _rotated(image):
    from PIL import ImageOps

    image.load()
    # What is wrong with EXIF data does not make the pixels unusable.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _cut(image, image_size, crop):
    if crop is not None:
        if image.height < crop[0] or image.width < crop[1]:
            raise ValueError(
                f"{image.height}x{image.width} pixels, smaller than the crop "
                f"of {crop[0]}x{crop[1]}"
            )
        image = _center_crop(image, *crop)
    height, width = image_size
    return _center_crop(
        image,
        min(image.height, max(1, round(image.width * height / width))),
        min(image.width, max(1, round(image.height * width / height))),
    )


def _resized(image, image_size, resize):
    from PIL import Image

    height, width = image_size
    if image.size == (width, height):
        return image
    shrinks = image.width >= width and image.height >= height
    filters = {
        "area": Image.Resampling.BOX if shrinks else Image.Resampling.BICUBIC,
        "lanczos": Image.Resampling.LANCZOS,
        "bilinear": Image.Resampling.BILINEAR,
    }
    return image.resize((width, height), filters[resize])


def _center_crop(image, height, width):
    if (height, width) == (image.height, image.width):
        return image
    left = (image.width - width) // 2
    top = (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
