"""`kerasgan serve`."""

import ipaddress
import re
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from kerasgan.cli.quiet import import_keras


def command(
    folder: Annotated[
        Optional[Path],
        typer.Argument(
            metavar="[FOLDER]",
            help="Folder of SavedModels, NAME/VERSION. By default savedmodels, "
            "or, where that is not there, the pretrained entries of the zoo, "
            "which are exported into the cache once.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen at.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")
    ] = 8501,
    label: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="NAME:LABEL=VERSION",
            help="Give a version a label, as in dcgan-wn-celeba:stable=1. It is "
            "served beside the newest one. Can be given again.",
            show_default=False,
        ),
    ] = None,
):
    """Serve SavedModels by TensorFlow Serving's REST API, and a page to look at."""
    labels = dict(_label(text) for text in label or [])
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ModuleNotFoundError as error:
        raise ValueError(
            f"{error.name} is not installed: pip install 'kerasgan[serve]'"
        ) from None

    import_keras()
    from kerasgan.serving.server.limits import Limits
    from kerasgan.serving.server.models import Models
    from kerasgan.serving.server.run import listen, run

    bound = listen(host, port)
    host, port = bound.getsockname()[:2]
    if folder is None:
        folder = Path("savedmodels")
    models = Models(folder, labels, _say)
    models.load()
    if not ipaddress.ip_address(host).is_loopback:
        _say(
            f"warning: {host} can be reached from elsewhere, and whoever "
            "reaches it may use it"
        )

    def ready():
        shown = f"[{host}]" if ":" in host else host
        print(f"Serving {folder} at http://{shown}:{port}/", flush=True)

    run(models, Limits(), bound, ready=ready)


def _say(line):
    print(f"kerasgan: {line}", file=sys.stderr, flush=True)


def _label(text):
    match = re.fullmatch(r"([^:=]+):([^:=/]+)=(\d+)", text)
    if not match:
        raise ValueError(
            f"expected --label NAME:LABEL=VERSION. Received: --label {text}"
        )
    return (match[1], match[2]), int(match[3])
