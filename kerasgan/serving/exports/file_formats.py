"""The formats of exports that are one file, each a row; no row imports Keras."""

import dataclasses
from pathlib import Path

from kerasgan.utils.extras import check_installed

# The dtypes of stored weights.
WEIGHTS = ("float32", "float16")
# Kernels of fewer weights stay in float32: they take little space, and rounding
# moves images most in them.
LEAST_HALVES = 8192


@dataclasses.dataclass(frozen=True)
class FileFormat:
    """A format of files.

    Attributes:
        title: its name in messages.
        suffix: the ending of its files.
        module: in `kerasgan.serving.exports`, with a function `write`.
        extra: the extra of `setup.cfg` with the package of its name that
            writes it, or None: TensorFlow does.
    """

    title: str
    suffix: str
    module: str
    extra: str | None = None


FORMATS = {
    "onnx": FileFormat("ONNX", ".onnx", "onnx_model", "onnx"),
    "litert": FileFormat("LiteRT", ".tflite", "litert_model"),
}


def by_suffix(path):
    """Returns the format whose files end as a path does, or None."""
    for name, row in FORMATS.items():
        if Path(path).suffix.lower() == row.suffix:
            return name
    return None


def new_file(path, format):
    """Returns where a new file of a format goes.

    Args:
        path: the file.
        format: the format's name; None for that of the path's ending.

    Returns:
        `(pathlib.Path, name of the format)`.

    Raises:
        FileExistsError: the file is there already.
        ValueError: there is no such format, or the path ends otherwise.
    """
    path = Path(path)
    if format not in FORMATS and format is not None:
        raise ValueError(
            f"Expected one of the formats {', '.join(FORMATS)}. "
            f"Received: format={format!r}"
        )
    if by_suffix(path) is None or by_suffix(path) != (
        format or by_suffix(path)
    ):
        endings = [
            row.suffix
            for name, row in FORMATS.items()
            if format in (None, name)
        ]
        raise ValueError(
            f"Expected a file that ends in {' or '.join(endings)}. "
            f"Received: path={str(path)!r}"
        )
    if path.exists():
        raise FileExistsError(
            f"{path} is there already, and an export overwrites nothing. "
            "Remove it or choose another path"
        )
    return path, format or by_suffix(path)


def check_writer(format):
    """Raises a ValueError unless the package that writes a format is installed."""
    row = FORMATS[format]
    if row.extra is not None:
        check_installed(row.extra, row.extra, f"an export as {row.title}")


def check_weights(weights):
    """Raises a ValueError unless files can store this dtype."""
    if weights not in WEIGHTS:
        raise ValueError(
            f"The weights of a file are stored as {' or '.join(WEIGHTS)}; other "
            "dtypes need --format savedmodel (`kerasgan.serving.export`). "
            f"Received: weights={weights!r}"
        )
