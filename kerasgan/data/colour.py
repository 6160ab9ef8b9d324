"""From any kind of pixels to 8-bit sRGB."""

import functools
import io

import numpy as np

from kerasgan.data import file_notes

# A profile that changes no colour by more is sRGB: its makers round their
# curves differently.
SRGB_TOLERANCE = 2
# Colour spaces of ICC profiles, as Pillow's modes.
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
# Formats whose writers often leave the fourth channel at 0.
_UNSURE_ALPHA = {"BMP", "DIB", "TGA"}


def inspect_depth(image):
    """Notes how the file stores its channels, before the pixels are read.

    Scales the colour that encodes transparency as Pillow will scale the
    pixels, which it does not do itself.

    Args:
        image: `PIL.Image.Image`, whose pixels have not been read.

    Returns:
        Whether Pillow will keep only the upper 8 of 16 bits of each channel.
    """
    tiles = getattr(image, "tile", ())
    raw = " ".join(str(tile[3]) for tile in tiles)
    if image.mode == "I" and any(tile[0].startswith("ppm") for tile in tiles):
        # Pillow scales from the largest value that the header states.
        image.info["bits"] = 16
    deep = image.mode in ("RGB", "RGBA") and ";16" in raw
    key = image.info.get("transparency")
    if image.format == "PNG" and isinstance(key, int) and image.mode == "L":
        image.info["transparency"] = key * {"L;2": 85, "L;4": 17}.get(raw, 1)
    elif isinstance(key, tuple) and deep:
        image.info["transparency"] = tuple(value >> 8 for value in key)
    return deep


def to_eight_bits(image, deep, notes):
    """Scales pixels of more than 8 bits.

    Integers are taken to have the fewest of 8, 12, 16 or 32 bits (31 if the
    file says that they have a sign) that hold the largest value of the image,
    and their upper 8 bits are kept. Floating-point values must be in [0, 1].

    Args:
        image: `PIL.Image.Image`.
        deep: what `inspect_depth` returned.
        notes: list, which gets the kinds of `kerasgan.data.file_notes` that apply.

    Returns:
        `PIL.Image.Image` with 8 bits or fewer in each channel.

    Raises:
        ValueError: other floating-point values, negative ones, or a deep image
            whose upper bits are all 0.
    """
    if image.mode == "F":
        return _from_floats(image)
    if image.mode == "I" or image.mode.startswith("I;"):
        return _from_integers(image, notes)
    if deep:
        _check_upper_bits(image)
    return image


def _from_floats(image):
    values = np.asarray(image)
    low, high = values.min(), values.max()
    # False for NaN, too.
    if not (low >= 0 and high <= 1):
        raise ValueError(
            f"floating-point values from {low:g} to {high:g}, expected 0 to 1"
        )
    return _grey(np.rint(values * 255).astype(np.uint8), image)


def _from_integers(image, notes):
    values = np.asarray(image)
    if values.dtype == np.int32 and not _signed(image):
        values = values.view(np.uint32)
    if values.min() < 0:
        raise ValueError(f"negative values, down to {values.min()}")
    signed = np.issubdtype(values.dtype, np.signedinteger)
    highest = int(values.max())
    bits = image.info.get("bits") or next(
        bits for bits in (8, 12, 16, 32) if highest < 1 << bits
    )
    tags = getattr(image, "tag_v2", {})
    if tags.get(262) == 0 and values.dtype == np.uint16:
        # White is 0, which Pillow heeds in 8 bits only.
        values = (1 << bits) - 1 - values
    if bits < 16 and "bits" not in image.info:
        notes.append(file_notes.few_bits(bits))
    shift = bits - 8 - (bits == 32 and signed)
    grey = _grey((values >> shift).astype(np.uint8), image)
    key = image.info.get("transparency")
    if isinstance(key, int):
        from PIL import Image

        alpha = np.where(values == key, 0, 255).astype(np.uint8)
        grey.putalpha(Image.fromarray(alpha))
    return grey


def _signed(image):
    tags = getattr(image, "tag_v2", None)
    sample_format = tags.get(339, (1,)) if tags is not None else (2,)
    return 2 in np.atleast_1d(sample_format)


def _grey(values, image):
    from PIL import Image

    grey = Image.fromarray(values)
    if "icc_profile" in image.info:
        grey.info["icc_profile"] = image.info["icc_profile"]
    return grey


def _check_upper_bits(image):
    highest = max(image.getchannel(band).getextrema()[1] for band in "RGB")
    if highest < 16:
        raise ValueError(
            "colours of 16 bits whose values all stay below 4096: scale them "
            "to 16 bits, or save 8 bits"
        )


def to_srgb(image, background, notes, format=None):
    """Converts pixels of at most 8 bits to opaque sRGB.

    Colour profiles are applied (perceptual intent; one that does not fit or is
    damaged is ignored), then transparency is composited over the background.

    Args:
        image: `PIL.Image.Image`.
        background: three integers in 0..255.
        notes: as of `to_eight_bits`.
        format: what the image was opened as, such as `"PNG"`.

    Returns:
        `PIL.Image.Image` of mode RGB.
    """
    from PIL import Image

    profile = image.info.get("icc_profile")
    image, alpha = _split_alpha(image, format)
    if profile:
        image = _apply_profile(image, profile, notes)
    if image.mode != "RGB":
        image = image.convert("RGB")
    if alpha is not None:
        image.putalpha(alpha)
        below = Image.new("RGBA", image.size, (*background, 255))
        image = Image.alpha_composite(below, image).convert("RGB")
    return image


def _split_alpha(image, format):
    """Returns the image without transparency, and its alpha or None."""
    if image.mode in ("RGBa", "La"):  # premultiplied
        image = image.convert(image.mode[:-1] + "A")
    elif image.mode == "P":
        palette = image.palette.mode if image.palette else "RGB"
        if "transparency" in image.info or palette.endswith("A"):
            image = image.convert("RGBA")
    elif image.mode == "PA":
        image = image.convert("RGBA")
    elif image.mode in ("1", "L", "RGB") and "transparency" in image.info:
        image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    if image.mode not in ("LA", "RGBA"):
        return image, None
    alpha = image.getchannel("A")
    image = image.convert(image.mode[:-1])
    low, high = alpha.getextrema()
    if low == 255 or (high == 0 and format in _UNSURE_ALPHA):
        return image, None
    return image, alpha


def _apply_profile(image, profile, notes):
    if image.mode == "P":
        image = image.convert("RGB")
    elif image.mode == "1":
        image = image.convert("L")
    mode, transform = _transform(profile)
    if mode == "RGB" and image.mode == "L":
        image = image.convert("RGB")
    if mode != image.mode:
        notes.append(file_notes.PROFILE)
        return image
    return transform.apply(image) if transform else image


@functools.lru_cache(maxsize=64)
def _transform(profile):
    """Returns `(mode, transform)` of an ICC profile.

    The mode is that of the pixels which it describes, None if it cannot be
    used; the `PIL.ImageCms.ImageCmsTransform` to sRGB is None if it is sRGB.
    """
    from PIL import Image, ImageCms

    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _MODES[opened.profile.xcolor_space.strip()]
        transform = ImageCms.buildTransform(
            opened, ImageCms.createProfile("sRGB"), mode, "RGB"
        )
    # Each version of Pillow raises other errors for damaged bytes.
    except Exception:
        return None, None
    if mode == "RGB":
        levels = np.linspace(0, 255, 9).astype(np.uint8)
        grid = np.stack(np.meshgrid(levels, levels, levels), -1)
        grid = grid.reshape(27, 27, 3)
        changed = np.asarray(transform.apply(Image.fromarray(grid)))
        if abs(changed.astype(int) - grid).max() <= SRGB_TOLERANCE:
            return mode, None
    return mode, transform
