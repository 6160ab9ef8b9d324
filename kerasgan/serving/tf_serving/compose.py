"""The containers of TensorFlow Serving and of Prometheus."""

import ipaddress
import os
import shlex
from pathlib import Path
from urllib.parse import quote

# Pinned, so that the same files start the same server tomorrow.
IMAGE = "tensorflow/serving:2.20.0"
GPU_IMAGE = f"{IMAGE}-gpu"
PROMETHEUS_IMAGE = "prom/prometheus:v3.5.0"

# Inside of the containers.
MODELS = "/models"
CONFIGURATION = "/config"
METRICS = "/monitoring/prometheus/metrics"
_GRPC, _REST, _PROMETHEUS = 8500, 8501, 9090

_HEAD = """\
# {command}
# curl http://{address}:{port}/v1/models/{model}
"""


def compose(
    names,
    models,
    output,
    *,
    image=None,
    gpu=False,
    address="127.0.0.1",
    rest_port=_REST,
    grpc_port=_GRPC,
    prometheus_port=_PROMETHEUS,
):
    """Returns the text of `compose.yaml`.

    Args:
        names: the models that must answer before the server is healthy.
        models: the folder of SavedModels.
        output: the folder in which the text will lie.
        image: of the server; by default the official one.
        gpu: whether to reserve an NVIDIA GPU, and by default to take the
            official image for it.
        address: the address of this machine at which the ports are open.
        rest_port, grpc_port, prometheus_port: the ports there, from 1 to 65535.

    Raises:
        ValueError: an address or a port that is none, or a port twice.
    """
    import yaml

    address = _address(address)
    _check_ports(
        rest_port=rest_port,
        grpc_port=grpc_port,
        prometheus_port=prometheus_port,
    )
    serving = {
        "image": image or (GPU_IMAGE if gpu else IMAGE),
        # There is none for other processors.
        "platform": "linux/amd64",
        # The image's own adds the one model of its environment.
        "entrypoint": ["tensorflow_model_server"],
        "command": _flags(),
        "ports": [
            f"{address}:{grpc_port}:{_GRPC}",
            f"{address}:{rest_port}:{_REST}",
        ],
        "volumes": [
            _mount(_relative(models, output), MODELS),
            # The folder, not its files: one that is replaced is seen.
            _mount(".", CONFIGURATION),
        ],
        "healthcheck": {
            # The image has neither curl nor Python, but bash.
            "test": ["CMD", "bash", "-c", _dollars(_health(names))],
            "interval": "10s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "60s",
        },
        "restart": "unless-stopped",
    }
    if gpu:
        serving["environment"] = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
        device = {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
        reserved = {"reservations": {"devices": [device]}}
        serving["deploy"] = {"resources": reserved}
    services = {
        "serving": serving,
        "prometheus": _prometheus(address, prometheus_port),
    }
    text = yaml.safe_dump(
        {
            "name": "kerasgan",
            "services": services,
            "volumes": {"prometheus": {}},
        },
        sort_keys=False,
        width=1000,
    )
    head = _HEAD.format(
        command=start_command(output),
        address=address,
        port=rest_port,
        model=quote(names[0]),
    )
    return head + text


def _prometheus(address, port):
    scrape = "/etc/prometheus/prometheus.yml"
    return {
        "image": PROMETHEUS_IMAGE,
        "ports": [f"{address}:{port}:{_PROMETHEUS}"],
        "volumes": [
            _mount("./prometheus.yml", scrape),
            # A named one: what was measured outlives the container.
            "prometheus:/prometheus",
        ],
        "depends_on": {"serving": {"condition": "service_healthy"}},
        "restart": "unless-stopped",
    }


def start_command(output):
    """Returns the command that starts what lies in a folder."""
    file = shlex.quote(Path(output, "compose.yaml").as_posix())
    return f"docker compose -f {file} up --detach --wait"


def prometheus():
    """Returns the text of `prometheus.yml`."""
    import yaml

    job = {
        "job_name": "tensorflow_serving",
        "metrics_path": METRICS,
        # What Prometheus 3 asks for where an answer names no format.
        "fallback_scrape_protocol": "PrometheusText0.0.4",
        "static_configs": [{"targets": [f"serving:{_REST}"]}],
    }
    content = {"global": {"scrape_interval": "15s"}, "scrape_configs": [job]}
    return yaml.safe_dump(content, sort_keys=False)


def _flags():
    return [
        f"--port={_GRPC}",
        f"--rest_api_port={_REST}",
        f"--model_config_file={CONFIGURATION}/models.config",
        # Labels move and models come and go while the server runs.
        "--model_config_file_poll_wait_seconds=10",
        # Otherwise the server does not start: nothing is loaded yet.
        "--allow_version_labels_for_unavailable_models=true",
        "--enable_batching=true",
        # Otherwise signatures that take scalars fail: see batching_parameters.py.
        "--enable_per_model_batching_parameters=true",
        f"--batching_parameters_file={CONFIGURATION}/batching_parameters.txt",
        f"--monitoring_config_file={CONFIGURATION}/monitoring.config",
    ]


def _health(names):
    """Returns a bash command that fails unless all models are available."""
    models = " ".join(shlex.quote(quote(name)) for name in names)
    request = r"GET /v1/models/%s HTTP/1.1\r\nHost: localhost\r\n"
    return (
        f"for model in {models}; do "
        f"exec 3<>/dev/tcp/127.0.0.1/{_REST} && "
        rf"""printf '{request}Connection: close\r\n\r\n' "$model" >&3 && """
        """grep -q '"AVAILABLE"' <&3 || exit 1; done"""
    )


def _dollars(text):
    # Compose would put a variable of the caller's environment there.
    return text.replace("$", "$$")


def _mount(source, target):
    return {
        "type": "bind",
        "source": _dollars(source),
        "target": target,
        "read_only": True,
        "bind": {"create_host_path": False},
    }


def _relative(folder, output):
    path = Path(os.path.relpath(folder, output)).as_posix()
    return path if path.startswith(".") else f"./{path}"


def _address(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(
            "Expected an address such as 127.0.0.1, or 0.0.0.0 for all of this "
            f"machine. Received: address={text!r}"
        ) from None
    return f"[{address}]" if address.version == 6 else str(address)


def _check_ports(**ports):
    for name, port in ports.items():
        if not 0 < port < 1 << 16 or list(ports.values()).count(port) > 1:
            raise ValueError(
                "Expected three different ports from 1 to 65535. "
                f"Received: {name}={port}"
            )
