"""The server as a process."""

import asyncio
import concurrent.futures
import contextlib
import os
import signal
import socket
import sys

import uvicorn

from kerasgan.serving.server.application import make_application
from kerasgan.serving.server.bodies import Rejection
from kerasgan.serving.server.errors import RequestError
from kerasgan.serving.server.protocol import make_protocol


def listen(host, port):
    """Returns a socket that is bound and does not listen: a taken port is reported first.

    Raises:
        ValueError: the address cannot be had.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with contextlib.ExitStack() as stack:
            bound = stack.enter_context(socket.socket(family, kind, number))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            stack.pop_all()
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(
            f"the server cannot listen on this address: {reason}. "
            f"Received: host={host}, port={port}"
        ) from None
    return bound


def make_server(models, limits, poll=2.0, ready=lambda: None, access=None):
    """Returns the server of an application.

    Args:
        models: `Models`, which are loaded while the server answers.
        limits: `Limits`.
        poll: seconds between looks for newer versions.
        ready: called when requests are answered.
        access: as of `application`.

    Returns:
        A `uvicorn.Server`.
    """
    config = uvicorn.Config(
        make_application(models, limits, access),
        http=make_protocol(limits.patience, limits.connections, _full(limits)),
        ws="none",
        lifespan="on",
        # Its own configuration closes the handlers of others.
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_keep_alive=min(15, limits.patience),
        timeout_graceful_shutdown=limits.timeout,
    )
    return _Server(config, models, poll, ready)


def run(server, bound):
    """Serve until SIGTERM or Ctrl-C; what runs then is finished.

    Args:
        server: of `make_server`.
        bound: a socket of `listen`.

    Raises:
        ValueError: no model could be loaded.
    """
    # uvicorn sends the signal once more when it has finished.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run(sockets=[bound])
    except (KeyboardInterrupt, SystemExit) as stop:
        if not server.loading:
            raise
        # TensorFlow cannot be interrupted, and Python would wait for it.
        interrupted = isinstance(stop, KeyboardInterrupt)
        if interrupted:
            print("kerasgan: interrupted", file=sys.stderr)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(130 if interrupted else 0)
    if server.error is not None:
        raise server.error


def _full(limits):
    async def answer(scope, receive, send):
        error = RequestError(
            503,
            f"The server has {limits.connections} open connections and takes "
            "no more",
            {"Retry-After": "1"},
        )
        await Rejection(error, limits.patience)(scope, receive, send)

    return answer


class _Server(uvicorn.Server):
    """Loads its models, and newer ones, while it answers.

    Attributes:
        loading: whether something is being loaded.
        error: why there is nothing to serve, or None.
    """

    def __init__(self, config, models, poll, ready):
        super().__init__(config)
        self._models, self._poll, self._ready = models, poll, ready
        self.loading, self.error = False, None

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self._ready()
        self._loader = asyncio.ensure_future(self._load())

    async def shutdown(self, sockets=None):
        self._loader.cancel()
        await super().shutdown(sockets)

    async def _load(self):
        loop = asyncio.get_running_loop()
        executor = concurrent.futures.ThreadPoolExecutor(1, "load")
        try:
            await loop.run_in_executor(executor, self._busy, self._models.load)
            while True:
                await asyncio.sleep(self._poll)
                refresh = self._models.refresh
                await loop.run_in_executor(executor, self._busy, refresh)
        except Exception as error:
            self.error, self.should_exit = error, True
        finally:
            executor.shutdown(wait=False, cancel_futures=True)

    def _busy(self, work):
        self.loading = True
        try:
            work()
        finally:
            self.loading = False
