"""Expected values are Pillow's own conversions, or arithmetic by NumPy."""

import io
import struct
import zlib

import numpy as np
import PIL
import pytest
from PIL import Image, ImageCms

from kerasgan.data import colour, file_notes
from kerasgan.data.pixels import decode

ORANGE = (255, 128, 0)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Red and blue change places.
SWAPPED = (SRGB.replace(b"rXYZ", b"____").replace(b"bXYZ", b"rXYZ")).replace(
    b"____", b"bXYZ"
)


def saved(image, format="PNG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png(values, depth, colour_type, transparent=None):
    """A PNG of kinds that Pillow does not write, from integers [8, N]."""
    rows = []
    for row in values:
        bits = "".join(f"{value:0{depth}b}" for value in row)
        rows.append(b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big"))
    header = struct.pack(">IIBBBBB", 8, 8, depth, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header)]
    if transparent is not None:
        key = struct.pack(f">{len(transparent)}H", *transparent)
        chunks.append((b"tRNS", key))
    chunks += [(b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def over(rgba, background):
    below = Image.new("RGBA", rgba.size, (*background, 255))
    return np.asarray(Image.alpha_composite(below, rgba).convert("RGB"))


@pytest.fixture
def rgba(helpers):
    pixels = helpers.image(1, 8, 8)
    alpha = helpers.image(2, 8, 8)[..., 0]
    return Image.fromarray(np.dstack([pixels, alpha]))


def one_colour_transparent():
    """A palette image, its RGBA and a mask of its transparent pixels."""
    indices = np.arange(64, dtype=np.uint8).reshape(8, 8) % 5
    palette = np.arange(15).reshape(5, 3).astype(np.uint8) * 15 + 20
    image = Image.fromarray(indices)
    image.putpalette(palette.tobytes())
    alpha = np.where(indices == 3, 0, 255).astype(np.uint8)
    return image, Image.fromarray(np.dstack([palette[indices], alpha]))


@pytest.mark.parametrize("background", [(255, 255, 255), ORANGE])
@pytest.mark.parametrize(
    "format, options",
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True, "exact": True}),
        ("TIFF", {}),
        ("TGA", {}),
    ],
)
def test_alpha_is_composited(rgba, background, format, options):
    result = decode(
        saved(rgba, format, **options), (8, 8), background=background
    )
    np.testing.assert_array_equal(result, over(rgba, background))


def test_transparency_of_other_kinds(rgba):
    palette, as_rgba = one_colour_transparent()
    # An entry of a palette, a colour, grey; several entries, some by half.
    cases = [
        (saved(palette, transparency=3), as_rgba),
        (saved(palette, "GIF", transparency=3), as_rgba),
        (saved(as_rgba.convert("RGB"), transparency=(155, 170, 185)), as_rgba),
        (saved(rgba.convert("LA")), rgba.convert("LA").convert("RGBA")),
    ]
    alphas = bytes([255, 128, 7, 0, 60])
    half = np.asarray(as_rgba).copy()
    half[..., 3] = np.frombuffer(alphas, np.uint8)[np.asarray(palette)]
    cases.append((saved(palette, transparency=alphas), Image.fromarray(half)))
    for data, expected in cases:
        result = decode(data, (8, 8), background=ORANGE)
        np.testing.assert_array_equal(result, over(expected, ORANGE))


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
def test_transparent_grey_of_every_depth(depth):
    highest = 2**depth - 1
    values = np.linspace(0, highest, 64).astype(int).reshape(8, 8)
    key = values[5, 5]
    result = decode(png(values, depth, 0, [key]), (8, 8), background=ORANGE)
    grey = values >> 8 if depth == 16 else values * 255 // highest
    expected = np.repeat(grey[..., None], 3, -1)
    expected[values == key] = ORANGE
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("mode", ["RGBa", "La"])
def test_premultiplied_alpha(rgba, mode):
    straight = rgba if mode == "RGBa" else rgba.convert("LA")
    premultiplied = straight.convert(mode)
    result = colour.to_srgb(premultiplied, ORANGE, [])
    straight = premultiplied.convert(mode[:-1] + "A").convert("RGBA")
    expected = over(straight, ORANGE)
    np.testing.assert_array_equal(np.asarray(result), expected)


def test_unused_fourth_channel_is_no_alpha(rgba):
    rgba.putalpha(0)
    pixels = np.asarray(rgba)[..., :3]
    np.testing.assert_array_equal(decode(saved(rgba, "TGA"), (8, 8)), pixels)
    assert (decode(saved(rgba), (8, 8)) == 255).all()


def test_16_bits_in_colour():
    generator = np.random.default_rng(3)
    values = generator.integers(0, 65536, (8, 24))
    expected = (values >> 8).reshape(8, 8, 3)
    np.testing.assert_array_equal(decode(png(values, 16, 2), (8, 8)), expected)
    key = values[2, 3:6]
    expected[2, 1] = ORANGE
    result = decode(png(values, 16, 2, key), (8, 8), background=ORANGE)
    np.testing.assert_array_equal(result, expected)
    with pytest.raises(ValueError, match="16 bits .* below 4096"):
        decode(png(values >> 4, 16, 2), (8, 8))


@pytest.mark.parametrize(
    "dtype, bits, kept, format",
    [
        (np.uint16, 16, 16, "PNG"),
        (np.uint16, 12, 12, "PNG"),
        (np.uint16, 12, 12, "TIFF"),
        (np.uint16, 8, 8, "PNG"),
        (np.uint16, 14, 16, "PNG"),
        (np.int32, 12, 12, "TIFF"),
        (np.int32, 16, 16, "TIFF"),
        (np.int32, 31, 31, "TIFF"),
    ],
)
def test_integers_of_more_than_8_bits(dtype, bits, kept, format):
    values = np.linspace(0, 2**bits - 1, 64).reshape(8, 8).astype(dtype)
    notes = []
    result = decode(saved(Image.fromarray(values), format), (8, 8), notes=notes)
    expected = np.floor(values / 2.0 ** (kept - 8))
    np.testing.assert_array_equal(result, np.repeat(expected[..., None], 3, -1))
    assert notes == [file_notes.few_bits(kept)] * (kept < 16)


def test_unsigned_32_bits():
    values = np.linspace(0, 2**32 - 1, 64).reshape(8, 8).astype(np.uint32)
    data = bytearray(saved(Image.fromarray(values.view(np.int32)), "TIFF"))
    # The tag SampleFormat, a short: 1 says that there is no sign.
    start = data.find(struct.pack("<HHIH", 339, 3, 1, 2))
    data[start + 8] = 1
    result = decode(bytes(data), (8, 8))
    np.testing.assert_array_equal(result[..., 0], values >> 24)


def test_white_may_be_0():
    values = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    data = bytearray(saved(Image.fromarray(values), "TIFF"))
    # The tag PhotometricInterpretation, a short: 0 says that white is 0.
    start = data.find(struct.pack("<HHIH", 262, 3, 1, 1))
    data[start + 8] = 0
    result = decode(bytes(data), (8, 8))
    np.testing.assert_array_equal(result[..., 0], (65535 - values) >> 8)


@pytest.mark.parametrize("largest", [1023, 4095])
def test_largest_value_that_a_pgm_states(largest):
    values = np.linspace(0, 900, 64).reshape(8, 8).astype(">u2")
    notes = []
    data = b"P5 8 8 %d\n" % largest + values.tobytes()
    result = decode(data, (8, 8), notes=notes)
    np.testing.assert_allclose(result[..., 0], values / largest * 255, atol=1)
    assert not notes


def test_floating_point_values():
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    data = saved(Image.fromarray(values), "TIFF")
    expected = np.rint(values * 255)
    np.testing.assert_array_equal(decode(data, (8, 8))[..., 0], expected)
    # The whole image tells the range, not the part that is cut out.
    values[0] = 0, 255, 0, 0, 0, 0, 0, 0
    with pytest.raises(ValueError, match="from 0 to 255, expected 0 to 1"):
        decode(saved(Image.fromarray(values), "TIFF"), (4, 4), crop=(4, 4))


@pytest.mark.parametrize(
    "value, message", [(-3, "from -3 to"), (np.nan, "nan"), (np.inf, "inf")]
)
def test_values_without_a_range(value, message):
    values = np.full((8, 8), 0.5, np.float32)
    values[3, 3] = value
    with pytest.raises(ValueError, match=message):
        decode(saved(Image.fromarray(values), "TIFF"), (8, 8))
    if value == -3:
        values = values.astype(np.int32)
        with pytest.raises(ValueError, match="negative values, down to -3"):
            decode(saved(Image.fromarray(values), "TIFF"), (8, 8))


@pytest.mark.parametrize("mode", ["1", "CMYK", "LAB", "YCbCr"])
def test_other_modes_are_converted_as_by_pillow(helpers, mode):
    if mode == "YCbCr" and int(PIL.__version__.partition(".")[0]) < 13:
        pytest.skip("Pillow cannot read what it writes here")
    image = Image.fromarray(helpers.image(4, 8, 8)).convert(mode)
    data = saved(image, "TIFF")
    with Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(opened.convert("RGB"))
    notes = []
    result = decode(data, (8, 8), notes=notes)
    np.testing.assert_array_equal(result, expected)
    assert notes == []


def test_colour_profiles_are_applied(rgba):
    image = rgba.convert("RGB")
    data = saved(image, icc_profile=SWAPPED)
    expected = ImageCms.profileToProfile(
        image, io.BytesIO(SWAPPED), ImageCms.createProfile("sRGB")
    )
    notes = []
    colour._transform.cache_clear()
    result = decode(data, (8, 8), notes=notes)
    np.testing.assert_array_equal(result, np.asarray(expected))
    assert abs(result.astype(int) - np.asarray(image)[..., ::-1]).max() <= 1
    # Alpha is not a colour, and is composited in sRGB.
    expected.putalpha(rgba.getchannel("A"))
    result = decode(
        saved(rgba, icc_profile=SWAPPED), (8, 8), background=ORANGE, notes=notes
    )
    np.testing.assert_array_equal(result, over(expected, ORANGE))
    # Palettes, and grey with a profile for colours.
    palette, _ = one_colour_transparent()
    result = decode(saved(palette, icc_profile=SWAPPED), (8, 8), notes=notes)
    swapped = np.asarray(palette.convert("RGB")).astype(int)[..., ::-1]
    assert abs(result - swapped).max() <= 1
    grey = image.convert("L")
    result = decode(saved(grey, icc_profile=SWAPPED), (8, 8), notes=notes)
    assert abs(result[..., 0] - np.asarray(grey).astype(int)).max() <= 1
    assert notes == []
    assert colour._transform.cache_info().misses == 1


def test_srgb_profiles_change_nothing(helpers):
    pixels = helpers.image(5, 8, 8)
    data = helpers.encoded(pixels, icc_profile=SRGB)
    assert colour._transform(SRGB) == ("RGB", None)
    assert colour._transform(SWAPPED)[1] is not None
    np.testing.assert_array_equal(decode(data, (8, 8)), pixels)


def test_profiles_that_do_not_fit_are_ignored(helpers):
    pixels = helpers.image(6, 8, 8)
    cmyk = Image.fromarray(pixels).convert("CMYK")
    for data, expected in (
        (helpers.encoded(pixels, icc_profile=b"broken"), pixels),
        (helpers.encoded(pixels, icc_profile=SRGB[:200]), pixels),
        (
            saved(cmyk, "TIFF", icc_profile=SRGB),
            np.asarray(cmyk.convert("RGB")),
        ),
    ):
        notes = []
        result = decode(data, (8, 8), notes=notes)
        np.testing.assert_array_equal(result, expected)
        assert notes == [file_notes.PROFILE]
