"""The server as a process."""

import signal
import socket
import sys

import uvicorn

from kerasgan.serving.server.application import application
from kerasgan.serving.server.protocol import protocol


def listen(host, port):
    """A socket that is bound and does not listen: a taken port is told first.

    Raises:
        ValueError: the address cannot be had.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, number)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"the server cannot listen there: {reason}. "
            f"Received: host={host}, port={port}"
        ) from None
    return bound


def make_server(models, limits, poll=2.0, ready=lambda: None):
    """The server of an application.

    Args:
        models: `Models`, loaded.
        limits: `Limits`.
        poll: seconds between looks for newer versions.
        ready: called when requests are answered.

    Returns:
        A `uvicorn.Server`.
    """
    config = uvicorn.Config(
        application(models, limits, poll),
        http=protocol(limits.patience),
        ws="none",
        lifespan="on",
        # Its own configuration closes the handlers of others.
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=min(15, limits.patience),
        timeout_graceful_shutdown=limits.timeout,
    )
    return _Server(config, ready)


def run(server, bound):
    """Serve until SIGTERM or Ctrl-C; what runs then is finished.

    Args:
        server: of `make_server`.
        bound: a socket of `listen`.
    """
    # uvicorn sends the signal once more when it has finished.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run(sockets=[bound])


class _Server(uvicorn.Server):
    def __init__(self, config, ready):
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self._ready()
