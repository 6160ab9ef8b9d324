"""From an encoded image to pixels of the size that is asked for."""

import io

import numpy as np

RESIZE_METHODS = ("area", "lanczos", "bilinear")


def decode(data, image_size, crop=None, resize="area"):
    """Decode an image, crop its centre, resize it.

    The steps: turn as EXIF says; cut out the central `crop`; cut the longer
    side, about the centre, to the aspect ratio of `image_size` (an image is
    never stretched); resize.

    Args:
        data: bytes, an image in any format that Pillow reads.
        image_size: `(height, width)` of the result, in pixels.
        crop: `(height, width)` in pixels of the image, or `None`.
        resize: `"area"` (Pillow's BOX when shrinking, BICUBIC when enlarging),
            `"lanczos"` or `"bilinear"` (both antialiased).

    Returns:
        uint8 array `[height, width, 3]`, RGB.

    Raises:
        ValueError: the crop is larger than the image.
        Exception: whatever Pillow raises for bytes that it cannot read.
    """
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(data)) as image:
        if crop is None:
            # Lets the JPEG decoder leave out detail of large photographs;
            # four times the size keeps the result that of the full image.
            image.draft(None, (4 * max(image_size),) * 2)
        ImageOps.exif_transpose(image, in_place=True)
        image = _rgb(image)
    if crop is not None:
        if image.height < crop[0] or image.width < crop[1]:
            raise ValueError(
                f"{image.height}x{image.width} pixels, smaller than the crop "
                f"of {crop[0]}x{crop[1]}"
            )
        image = _center_crop(image, *crop)
    height, width = image_size
    image = _center_crop(
        image,
        min(image.height, max(1, round(image.width * height / width))),
        min(image.width, max(1, round(image.height * width / height))),
    )
    if image.size != (width, height):
        shrinks = image.width >= width and image.height >= height
        filters = {
            "area": Image.Resampling.BOX
            if shrinks
            else Image.Resampling.BICUBIC,
            "lanczos": Image.Resampling.LANCZOS,
            "bilinear": Image.Resampling.BILINEAR,
        }
        image = image.resize((width, height), filters[resize])
    return np.asarray(image)


def _rgb(image):
    from PIL import Image

    if image.mode == "I" or image.mode.startswith("I;16"):
        # Pillow would clip 16-bit grey at 255 instead of scaling it.
        grey = np.asarray(image).astype(np.int64) >> 8
        image = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    elif image.mode == "F":
        raise ValueError("floating-point pixels, whose range is unknown")
    elif image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")
    return image if image.mode == "RGB" else image.convert("RGB")


def _center_crop(image, height, width):
    if (height, width) == (image.height, image.width):
        return image
    left = (image.width - width) // 2
    top = (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
