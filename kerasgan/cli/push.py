"""`kerasgan push`."""

from typing import Annotated

import typer

from kerasgan.cli.common import Name
from kerasgan.cli.quiet import import_keras


def command(
    name: Name,
    repository: Annotated[
        str,
        typer.Argument(
            metavar="hf://USER/NAME",
            help="Repository of the Hugging Face Hub; created if it does not exist.",
            show_default=False,
        ),
    ],
    private: Annotated[
        bool,
        typer.Option(
            "--private", help="Make the repository private. Default: public."
        ),
    ] = False,
    message: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="Commit message. Default: Push and the recipe's name.",
            show_default=False,
        ),
    ] = None,
):
    """Upload a model to the Hugging Face Hub: weights, card, recipe, numbers.

    Needs a token with write access: `hf auth login`, or HF_TOKEN.
    """
    from kerasgan.zoo import hub, publishing

    plan = publishing.plan(name, repository, private)
    import_keras()
    pushed = publishing.upload(plan, message)
    print(f"Pushed {name} to {hub.page(repository)}")
    print(f"Load it as {repository}, or this version as {pushed}")
