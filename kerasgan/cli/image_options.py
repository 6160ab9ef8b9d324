"""Options of the commands that measure images."""

import enum
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.evaluation import defaults
from kerasgan.utils.source_kinds import SOURCES

Images = Annotated[
    str,
    typer.Argument(
        metavar="IMAGES",
        help=f"Images: {SOURCES}.",
        show_default=False,
    ),
]
Split = Annotated[str, typer.Option(help="Split or folder of the images.")]
ImageSize = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Cut and resize all images to this first, such as 64 or 64x48. "
        "Default: they keep their size, one for all.",
        show_default=False,
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        help="Weights of the Inception network (.npz). Default: "
        "$KERASGAN_INCEPTION, or the file in the cache.",
        show_default=False,
    ),
]


class Resizing(enum.StrEnum):
    legacy = "legacy"
    clean = "clean"
    pytorch = "pytorch"


RESIZE = Resizing(defaults.RESIZE)
Resize = Annotated[
    Resizing,
    typer.Option(
        help="Whose resizing for the Inception network: the original's (also "
        "torch-fidelity's), clean-fid's, or pytorch-fid's.",
    ),
]
