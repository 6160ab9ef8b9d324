import io
import threading

import numpy as np
import pytest
from PIL import Image

from kerasgan.data import file_notes, pixels as module
from kerasgan.data.pixels import decode


def test_crop_and_area_resize_are_exact(helpers):
    # 8x8 from the centre of 20x16, in blocks of 2x2: plain means, rounded as
    # Pillow rounds, first along the rows and then along the columns.
    pixels = helpers.image(0)
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
    pixels = helpers.image(1)
    expected = Image.fromarray(pixels[2:18]).resize(size, method)
    result = decode(helpers.encoded(pixels), size, resize=resize)
    np.testing.assert_array_equal(result, np.asarray(expected))


def test_nothing_is_stretched(helpers):
    pixels = helpers.image(2, height=10, width=40)
    tall = decode(helpers.encoded(pixels), (10, 4))
    np.testing.assert_array_equal(tall, pixels[:, 18:22])
    # A crop of another aspect ratio than the size is cut as well.
    wide = decode(helpers.encoded(pixels), (4, 8), crop=(8, 8))
    assert wide.shape == (4, 8, 3)
    np.testing.assert_array_equal(wide, pixels[3:7, 16:24])


def test_luminance_is_exact_for_gray(helpers):
    gray = helpers.image(5, 8, 6)[..., 0]
    for pixels in (gray, np.stack([gray] * 3, -1)):
        found = decode(helpers.encoded(pixels), (8, 6, 1))
        np.testing.assert_array_equal(found, gray[..., None])
    colours = helpers.image(6, 8, 6)
    r, g, b = np.moveaxis(colours.astype(np.int64), -1, 0)
    expected = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16
    found = decode(helpers.encoded(colours), (8, 6, 1))
    np.testing.assert_array_equal(found[..., 0], expected)
    assert decode(helpers.encoded(colours), (4, 4, 1), (4, 4)).shape == (
        4,
        4,
        1,
    )


def test_crop_larger_than_the_image(helpers):
    data = helpers.encoded(helpers.image(3))
    with pytest.raises(ValueError, match="20x16 .* smaller .* 18x18"):
        decode(data, (4, 4), crop=(18, 18))


def test_exif_orientation_is_honoured(helpers):
    pixels = helpers.image(4, 8, 8)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90 degrees
    data = helpers.encoded(pixels, exif=exif)
    np.testing.assert_array_equal(decode(data, (8, 8)), np.rot90(pixels, -1))


def test_other_modes_become_rgb(helpers):
    pixels = helpers.image(5, 8, 8)
    grey = pixels[..., 0]
    expected = np.repeat(grey[..., None], 3, axis=-1)
    for data in (
        helpers.encoded(grey),
        helpers.encoded(grey.astype(np.uint16) * 257),  # 16 bits
    ):
        np.testing.assert_array_equal(decode(data, (8, 8)), expected)
    palette = io.BytesIO()
    Image.fromarray(grey).convert("P").save(palette, "GIF")
    np.testing.assert_array_equal(decode(palette.getvalue(), (8, 8)), expected)


def test_limits_of_the_number_of_pixels(helpers, monkeypatch):
    pixels = helpers.image(6, 64, 64)
    baseline = helpers.encoded(pixels, "JPEG")
    progressive = helpers.encoded(pixels, "JPEG", progressive=True)
    # Of 4,096 pixels, a JPEG decoded at 1/8 for a result of 2x2 holds 64.
    for limit, data, crop, fits in (
        (4096, helpers.encoded(pixels), None, True),
        (4095, helpers.encoded(pixels), None, False),
        (4095, baseline, (8, 8), False),
        (683, baseline, None, True),
        (682, baseline, None, False),
        (2048, progressive, None, True),
        (2047, progressive, None, False),
        (None, progressive, None, True),
    ):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        if fits:
            decode(data, (2, 2), crop)
        else:
            with pytest.raises(ValueError, match="megapixels, more than"):
                decode(data, (2, 2), crop)


def test_large_images_are_decoded_one_at_a_time(helpers, monkeypatch):
    data = helpers.encoded(helpers.image(7))
    monkeypatch.setattr(module, "_LARGE_PIXELS", 20 * 16 - 1)
    with module.one_at_a_time(True):
        thread = threading.Thread(target=decode, args=(data, (4, 4)))
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
    thread.join(10)
    assert not thread.is_alive()


def test_what_was_done_is_noted(helpers):
    def notes(data, size, crop=None):
        found = []
        decode(data, size, crop, notes=found)
        return found

    data = helpers.encoded(helpers.image(8))  # 20x16
    assert notes(data, (16, 16)) == []
    assert notes(data, (18, 18)) == [file_notes.enlarged(18, 18)]
    # Whoever asks for a smaller part knows it.
    assert notes(data, (18, 18), crop=(8, 8)) == []
    frames = [Image.fromarray(helpers.image(i, 8, 8)) for i in (1, 2)]
    for format in ("GIF", "WEBP", "TIFF", "PNG", "MPO"):
        file = io.BytesIO()
        options = {"lossless": True} if format == "WEBP" else {}
        frames[0].save(
            file, format, save_all=True, append_images=frames[1:], **options
        )
        expected = [] if format == "MPO" else [file_notes.FRAMES]
        assert notes(file.getvalue(), (8, 8)) == expected
        if format not in ("GIF", "MPO"):
            np.testing.assert_array_equal(
                decode(file.getvalue(), (8, 8)), helpers.image(1, 8, 8)
            )


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_matter(helpers):
    image = helpers.image(9, 8, 8)
    data = helpers.encoded(image, exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09\0\x01")
    np.testing.assert_array_equal(decode(data, (8, 8)), image)


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
