"""The members of a folder or a zip: which are images."""

IMAGE_ENDINGS = (
    ".bmp",
    ".gif",
    ".jfif",
    ".jpe",
    ".jpeg",
    ".jpg",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)


def is_image(name):
    """Whether a member's name (with `/` between folders) is an image's."""
    parts = name.split("/")
    # Hidden files, and the doubles that macOS writes into zips.
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return False
    return parts[-1].lower().endswith(IMAGE_ENDINGS)
