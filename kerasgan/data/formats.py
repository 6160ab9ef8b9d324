"""Image formats, as far as Pillow and its plugins open them."""

import contextlib
import functools
import importlib
import posixpath
import struct

# Modules that register further formats with Pillow when they are imported,
# with the package to install for the suffixes.
_PLUGINS = {
    "pillow_heif.HeifImagePlugin": ("pillow-heif", (".heic", ".heif", ".hif")),
    "pillow_jxl": ("pillow-jxl-plugin", (".jxl",)),
    "pillow_avif": ("pillow-avif-plugin", (".avif", ".avifs")),
}
# What Pillow identifies without holding pixels (vector graphics, films, grids
# of data), or draws by starting another program.
_NOT_IMAGES = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}
# TIFF files to Pillow, which would read the thumbnail in them.
_RAW = [
    ".3fr",
    ".arw",
    ".cr2",
    ".cr3",
    ".dng",
    ".nef",
    ".nrw",
    ".orf",
    ".pef",
    ".raf",
    ".rw2",
    ".srw",
]
# Never opened, so that a label for each image costs no time. The first bytes
# of a file whose suffix is in no list decide.
_OTHERS = frozenset(
    # text and data
    [
        ".bib",
        ".c",
        ".cfg",
        ".cpp",
        ".css",
        ".csv",
        ".h",
        ".htm",
        ".html",
        ".ini",
        ".ipynb",
        ".json",
        ".jsonl",
        ".log",
        ".m",
        ".md",
        ".py",
        ".rst",
        ".sh",
        ".tex",
        ".toml",
        ".tsv",
        ".txt",
        ".xml",
        ".yaml",
        ".yml",
        ".arrow",
        ".db",
        ".h5",
        ".hdf",
        ".hdf5",
        ".mat",
        ".npy",
        ".npz",
        ".parquet",
        ".pkl",
        ".pt",
        ".pth",
        ".safetensors",
        ".sqlite",
        ".tfrecord",
        ".ai",
        ".doc",
        ".docx",
        ".emf",
        ".eps",
        ".odt",
        ".pdf",
        ".ppt",
        ".pptx",
        ".ps",
        ".svg",
        ".wmf",
        ".xls",
        ".xlsx",
        ".7z",
        ".bz2",
        ".gz",
        ".rar",
        ".tar",
        ".tgz",
        ".xz",
        ".zip",
        ".zst",
        ".avi",
        ".flac",
        ".m4a",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".ogg",
        ".wav",
        ".webm",
        ".wmv",
        ".dll",
        ".exe",
        ".pyc",
        ".so",
    ]
).union(_RAW)


@functools.cache
def _formats():
    """Returns `{format: (factory, accept)}` of all that is an image."""
    from PIL import Image

    Image.init()
    for module, (_, suffixes) in _PLUGINS.items():
        if not set(suffixes) & set(Image.registered_extensions()):
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
    formats = {
        name: Image.OPEN[name] for name in Image.ID if name not in _NOT_IMAGES
    }
    # Those that any bytes may be come last.
    return dict(sorted(formats.items(), key=lambda item: item[1][1] is None))


def suffix(name):
    """Returns the lower-case suffix of a name, with its dot; "" for none."""
    return posixpath.splitext(name)[1].lower()


def format_names():
    """Returns the sorted names of the formats that can be opened."""
    return sorted(_formats())


@functools.cache
def image_suffixes():
    """Returns the lower-case suffixes of the formats that can be opened."""
    from PIL import Image

    formats = _formats()
    return frozenset(
        suffix
        for suffix, name in Image.registered_extensions().items()
        # MPO is opened as JPEG.
        if (name in formats or name == "MPO") and suffix not in _OTHERS
    )


def is_other(suffix):
    """Returns whether files with this lower-case suffix are never opened."""
    return suffix in _OTHERS


def hint(suffix):
    """Returns what to do about images with a suffix that is not opened.

    None if it is opened, or no suffix of images.
    """
    if suffix in _RAW:
        return "raw photos: convert to TIFF or JPEG"
    for package, suffixes in _PLUGINS.values():
        if suffix in suffixes and suffix not in image_suffixes():
            return f"pip install {package}"
    return None


def has_signature(prefix):
    """Returns whether the first 16 bytes of a file are those of an image.

    Only formats with a signature count: any bytes may be, say, a TGA.
    """
    return any(
        accept is not None and _accepts(accept, prefix)
        for _, accept in _formats().values()
    )


def open_image(file):
    """Opens an image as `PIL.Image.open` does, whatever its size.

    `PIL.Image.open` rejects or warns of many pixels before a JPEG can be opened
    at a reduced scale. The caller checks `image.size` before it reads pixels.

    Args:
        file: a seekable binary file.

    Returns:
        `PIL.Image.Image`, whose pixels have not been read.

    Raises:
        PIL.UnidentifiedImageError: not an image, with the reason.
    """
    from PIL import UnidentifiedImageError

    prefix = file.read(16)
    reason = "not an image"
    for name, (factory, accept) in _formats().items():
        accepted = accept is None or _accepts(accept, prefix)
        # A text says that Pillow was built without this format.
        if isinstance(accepted, str):
            reason = accepted
        elif accepted:
            file.seek(0)
            try:
                return factory(file, "")
            except (SyntaxError, IndexError, TypeError, struct.error) as error:
                if accept is not None:
                    reason = f"{name} of an unsupported kind: {error}"
    if prefix[4:8] == b"ftyp" and prefix[8:12] in (b"heic", b"heix", b"mif1"):
        reason = f"HEIC, {hint('.heic') or 'which could not be read'}"
    raise UnidentifiedImageError(reason)


def _accepts(accept, prefix):
    try:
        return accept(prefix)
    except (SyntaxError, IndexError, TypeError, struct.error):
        return False
