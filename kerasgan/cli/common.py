"""Options and output that several commands have in common."""

import itertools
import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.quiet import import_keras
from kerasgan.utils.source_kinds import SOURCES

# Where a context has the words of the whole command.
ARGUMENTS = "kerasgan.arguments"
# Options that name images.
_SOURCES = ("-d", "--data", "--measure-data")


def complete_name(incomplete: str):
    """Returns the entries whose names begin so, for the shell's completion."""
    from kerasgan.zoo import catalogue

    return [n for n in catalogue.names() if n.startswith(incomplete)]


Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        autocompletion=complete_name,
        help="A model of the zoo (see `kerasgan list`), a run directory of "
        "`kerasgan train`, or hf://USER/NAME(@REVISION).",
        show_default=False,
    ),
]
UnseenImages = Annotated[
    str | None,
    typer.Option(
        "--data",
        "-d",
        metavar="SOURCE",
        help=f"Images that were not trained on: {SOURCES}. "
        "They are cropped as in the recipe. Default: the recipe's source, or "
        "what --hold-out held out.",
        show_default=False,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        help="Split of the source, or the path of a folder in it. Default: the "
        "held-out images (held-out), else test, else everything if the source "
        "has no splits (all).",
        show_default=False,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of TensorFlow Datasets, for tfds: sources.",
        show_default=False,
    ),
]


def names(text):
    """Returns the names in a text with commas between them."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def recorded_command(arguments):
    """Returns the command line without the folders of this machine.

    It is part of records that others read.
    """
    from kerasgan.data.sources import source_name

    words = ["kerasgan"]
    for before, word in itertools.pairwise([None, *arguments]):
        option, equals, value = word.partition("=")
        if before in _SOURCES:
            word = source_name(word)
        elif equals and option in _SOURCES:
            word = f"{option}={source_name(value)}"
        elif word.startswith("-d"):
            word = f"-d{source_name(word[2:])}" if word[2:] else word
        elif os.path.isabs(value if equals else word):
            word = f"{option}={Path(value).name}" if equals else Path(word).name
        words.append(word)
    return shlex.join(words)


def find_entry(name):
    """Returns `(entry, recipe)`: the `Entry` of a name and its `Recipe`."""
    from kerasgan.zoo.catalogue import find

    entry = find(name)
    return entry, entry.recipe()


def load_generator(entry, recipe):
    """Loads the generator of an `Entry` quietly; checks its files first."""
    from kerasgan.zoo.pretrained import load_verified, verify

    verify(entry, recipe)
    import_keras()
    return load_verified(entry, recipe)


def output_file(path, *endings):
    """Makes the folder of an output file, and rejects what cannot be one.

    Called before the work whose result is written there.

    Args:
        path: the file.
        *endings: what its name may end in.

    Raises:
        ValueError: `path` is a folder, or has another ending.
        OSError: its folder cannot be made.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(
            f"Expected the path of a file, but this is a folder. Received: output={path}"
        )
    if endings and path.suffix.lower() not in endings:
        raise ValueError(
            f"Expected a file that ends in {' or '.join(endings)}. "
            f"Received: {path}"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def print_table(header, rows, right=()):
    """Prints a table; `header` may be empty, `right` numbers columns flush right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        show_edge=False,
        show_header=bool(header),
    )
    rows = list(rows)
    for at, title in enumerate(header or [""] * len(rows[0])):
        table.add_column(
            title, justify="right" if at in right else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        # One line per row for tools such as `grep`; a table takes what it
        # needs.
        console.width = 1000
    console.print(table)
