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
            help="Repository of the Hugging Face Hub; made if there is none.",
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
            help="Message of the commit. Default: Push and the recipe's name.",
            show_default=False,
        ),
    ] = None,
):
    """Upload a model to the Hugging Face Hub: weights, card, recipe, numbers.

    Needs a token that may write: `hf auth login`, or HF_TOKEN.
    """
    from kerasgan.zoo import hub, publishing

    plan = publishing.plan(name, repository, private)
    import_keras()
    pushed = publishing.upload(plan, message)
    print(f"Pushed {name} to {hub.page(repository)}")
    print(f"Load it by {repository}, or as it is now by {pushed}")
