import pytest

from kerasgan.utils.rgb import to_rgb, to_text


@pytest.mark.parametrize(
    "colour, rgb, text",
    [
        ("white", (255, 255, 255), "white"),
        ([255, 255, 255], (255, 255, 255), "white"),
        (" Gray ", (128, 128, 128), "#808080"),
        ("#0A0b0c", (10, 11, 12), "#0a0b0c"),
    ],
)
def test_colours(colour, rgb, text):
    assert to_rgb(colour) == rgb
    assert to_text(colour) == text
    assert to_rgb(to_text(colour)) == rgb


@pytest.mark.parametrize("colour", ["pink", "#fff", (1, 2), (0, 0, -1), None])
def test_what_is_no_colour(colour):
    with pytest.raises(ValueError, match="Expected white, black, grey"):
        to_rgb(colour)
