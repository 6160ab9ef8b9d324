"""`kerasgan serve`."""

import ipaddress
import sys
from typing import Annotated

import typer

from kerasgan.cli.common import complete_name
from kerasgan.cli.quiet import import_keras
from kerasgan.utils.extras import check_installed


def command(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FOLDER|RUN|NAME]...",
            autocompletion=complete_name,
            help="Folders of SavedModels, NAME/VERSION, run directories, "
            "models of the zoo or hf://USER/NAME; the latter three are exported "
            "into the cache, once. "
            "Default: savedmodels, or the pretrained models if there is no "
            "such folder.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            "--port", "-p", min=0, max=65535, help="Port; 0 takes a free one."
        ),
    ] = 8501,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MODEL/]LABEL=VERSION",
            help="Serve a version (a number, latest or previous) under a label, in "
            "addition to the newest one. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    max_count: Annotated[
        int, typer.Option(min=1, help="Maximum number of images per request.")
    ] = 1024,
    queue: Annotated[
        int,
        typer.Option(
            min=1,
            help="Maximum number of concurrent requests; more are rejected.",
        ),
    ] = 128,
    timeout: Annotated[
        int, typer.Option(min=1, help="Time limit of a request in seconds.")
    ] = 30,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Also answer requests that name this host; * for any. Default: "
            "addresses, localhost and this machine's name. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="URL",
            help="Let pages of another site use the server, such as "
            "https://example.org; * for any. Can be repeated.",
            show_default=False,
        ),
    ] = None,
):
    """Serve models with a web page and TensorFlow Serving's REST API."""
    for module in ("orjson", "starlette", "uvicorn"):
        check_installed(module, "serve", "kerasgan serve")
    from kerasgan.serving.server import model_sources
    from kerasgan.serving.server.access import Access
    from kerasgan.serving.server.http_server import listen, make_server, run
    from kerasgan.serving.server.limits import Limits
    from kerasgan.serving.server.models import Models
    from kerasgan.serving.tf_serving.served_models import choose

    access = Access(tuple(allow_host or ()), tuple(allow_origin or ()))
    with listen(host, port) as bound:
        chosen = model_sources.find(sources or [])
        labels = {
            (served.name, name): version
            for served in choose(
                model_sources.model_versions(chosen), labels=label or ()
            )
            for name, version in served.labels.items()
        }
        # TensorFlow takes seconds: requests are answered meanwhile.
        models = Models(chosen, labels, _say, prepare=import_keras)
        host, port = bound.getsockname()[:2]
        if not ipaddress.ip_address(host).is_loopback:
            _say(f"warning: everyone who can reach {host} can use the server")

        what = ", ".join(
            sources or dict.fromkeys(str(x.folder) for x in chosen)
        )

        def ready():
            shown = f"[{host}]" if ":" in host else host
            print(f"Serving {what} at http://{shown}:{port}/", flush=True)

        limits = Limits(count=max_count, queue=queue, timeout=timeout)
        server = make_server(models, limits, ready=ready, access=access)
        run(server, bound)


def _say(line):
    print(f"kerasgan: {line}", file=sys.stderr, flush=True)
