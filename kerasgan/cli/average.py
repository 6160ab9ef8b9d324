"""`kerasgan average`."""

from pathlib import Path
from typing import Annotated

import typer

from kerasgan.cli.quiet import import_keras


def command(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...",
            help="Two or more entries of the zoo or run folders, of the same "
            "networks. The first one's recipe goes with the average.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="A new folder, which works like a run's."
        ),
    ],
    shares: Annotated[
        str | None,
        typer.Option(
            help="A number each with commas between them, such as 3,1. Equal "
            "by default.",
            show_default=False,
        ),
    ] = None,
):
    """Average the weights of trainings that have a beginning in common.

    It pays where one went on from the other by --from, or both from a third.
    """
    from kerasgan import zoo

    numbers = None if shares is None else _numbers(shares)
    for name in names:
        zoo.check_weights(name, "both")
    import_keras()

    from kerasgan.zoo.average import average

    shares = average(names, output, numbers)
    for name, share in zip(names, shares):
        print(f"{share:7.2%}  {name}")
    print(f"Wrote the average to {output}")


def _numbers(text):
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        raise ValueError(
            f"expected numbers, such as 3,1. Received: shares={text!r}"
        ) from None
