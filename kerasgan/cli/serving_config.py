"""`kerasgan serving-config`."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    savedmodels: Annotated[
        Path,
        typer.Argument(
            help="Folder of SavedModels written by `kerasgan export`."
        ),
    ] = Path("savedmodels"),
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder to write the files to."),
    ] = Path("serving"),
    models: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Only models that match, such as '*-wn-*'.",
            show_default=False,
        ),
    ] = None,
    versions: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MODEL/]VERSIONS",
            help="Versions to serve: latest, latest:N, all, or numbers such as "
            "1,2. Can be repeated. Default: the labelled versions, else the "
            "latest one.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MODEL/]LABEL=VERSION",
            help="A label for a version (a number, latest or previous), such as "
            "stable=previous. Can be repeated.",
            show_default=False,
        ),
    ] = None,
    gpu: Annotated[
        bool, typer.Option("--gpu", help="Serve on an NVIDIA GPU.")
    ] = False,
    image: Annotated[
        str | None,
        typer.Option(
            help="Docker image of the server. Default: the official one.",
            show_default=False,
        ),
    ] = None,
    address: Annotated[
        str,
        typer.Option(
            help="Address of this machine to publish the ports on. TensorFlow "
            "Serving has no authentication: think before using 0.0.0.0."
        ),
    ] = "127.0.0.1",
    rest_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port for REST requests.")
    ] = 8501,
    grpc_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port for gRPC requests.")
    ] = 8500,
    prometheus_port: Annotated[
        int,
        typer.Option(min=1, max=65535, help="Port of the Prometheus server."),
    ] = 9090,
    force: Annotated[
        bool,
        typer.Option("--force", help="Overwrite files that differ."),
    ] = False,
):
    """Write the configuration of TensorFlow Serving for SavedModels.

    Models, versions and labels, batching, monitoring, and a compose.yaml that
    starts the official Docker image with them.
    """
    from kerasgan.serving.tf_serving import configuration
    from kerasgan.serving.tf_serving.compose import start_command

    served = configuration.write_configuration(
        savedmodels,
        output,
        pattern=models,
        versions=versions or (),
        labels=label or (),
        gpu=gpu,
        image=image,
        address=address,
        rest_port=rest_port,
        grpc_port=grpc_port,
        prometheus_port=prometheus_port,
        force=force,
    )
    for model in served:
        print(f"{model.name}: {_versions(model)}")
    print(f"Start them: {start_command(output)}")


def _versions(model):
    if isinstance(model.policy, int):
        return "latest version" + (
            f"s, {model.policy}" if model.policy > 1 else ""
        )
    if model.policy == "all":
        text = "all versions"
    else:
        text = f"version {', '.join(map(str, model.policy))}"
    named = [f"{label} is {number}" for label, number in model.labels.items()]
    return f"{text} ({', '.join(named)})" if named else text
