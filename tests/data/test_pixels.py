import io

import numpy as np
import pytest
from PIL import Image

from kerasgan.data.pixels import decode


def test_crop_and_area_resize_are_exact(helpers):
    # 8x8 from the centre of 20x16, in blocks of 2x2: plain means, rounded as
    # Pillow rounds, first along the rows and then along the columns.
    pixels = helpers.picture(0)
    result = decode(helpers.encoded(pixels), (4, 4), crop=(8, 8))
    part = pixels[6:14, 4:12].astype(np.int64)
    rows = (part[:, 0::2] + part[:, 1::2] + 1) // 2
    expected = (rows[0::2] + rows[1::2] + 1) // 2
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize(
    "resize, size, method",
    [
        ("area", (6, 6), Image.Resampling.BOX),
        ("area", (24, 24), Image.Resampling.BICUBIC),
        ("lanczos", (6, 6), Image.Resampling.LANCZOS),
        ("bilinear", (6, 6), Image.Resampling.BILINEAR),
    ],
)
def test_resize_methods(helpers, resize, size, method):
    pixels = helpers.picture(1)
    expected = Image.fromarray(pixels[2:18]).resize(size, method)
    result = decode(helpers.encoded(pixels), size, resize=resize)
    np.testing.assert_array_equal(result, np.asarray(expected))


def test_nothing_is_stretched(helpers):
    pixels = helpers.picture(2, height=10, width=40)
    tall = decode(helpers.encoded(pixels), (10, 4))
    np.testing.assert_array_equal(tall, pixels[:, 18:22])
    # A crop of another aspect ratio than the size is cut as well.
    wide = decode(helpers.encoded(pixels), (4, 8), crop=(8, 8))
    assert wide.shape == (4, 8, 3)
    np.testing.assert_array_equal(wide, pixels[3:7, 16:24])


def test_crop_larger_than_the_image(helpers):
    data = helpers.encoded(helpers.picture(3))
    with pytest.raises(ValueError, match="20x16 .* smaller .* 18x18"):
        decode(data, (4, 4), crop=(18, 18))


def test_exif_orientation_is_honoured(helpers):
    pixels = helpers.picture(4, 8, 8)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90 degrees
    data = helpers.encoded(pixels, exif=exif)
    np.testing.assert_array_equal(decode(data, (8, 8)), np.rot90(pixels, -1))


def test_other_modes_become_rgb(helpers):
    pixels = helpers.picture(5, 8, 8)
    grey = pixels[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=-1)
    for data in (
        helpers.encoded(grey),
        helpers.encoded(grey.astype(np.uint16) * 257),  # 16 bits
        helpers.encoded(np.dstack([expected, grey])),  # with alpha
    ):
        np.testing.assert_array_equal(decode(data, (8, 8)), expected)
    palette = io.BytesIO()
    Image.fromarray(grey).convert("P").save(palette, "GIF")
    np.testing.assert_array_equal(
        decode(palette.getvalue(), (8, 8)), expected
    )


def test_large_photographs_lose_nothing_visible():
    # Decoding at a reduced scale must agree with the full decoding.
    y, x = np.mgrid[0:960, 0:960] / 960
    waves = np.stack([np.sin(9 * x + 5 * y), np.cos(7 * x * y), x - y], -1)
    pixels = ((waves + 1) * 127).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    quick = decode(file.getvalue(), (15, 15)).astype(int)
    full = decode(file.getvalue(), (15, 15), crop=(960, 960)).astype(int)
    assert abs(quick - full).max() <= 2
