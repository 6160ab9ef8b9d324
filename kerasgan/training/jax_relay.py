"""Connections between the workers of JAX, which notice when one is gone."""

import contextlib
import os
import socket
import sys
import threading
import time

from kerasgan.utils.private_names import replaced_coordination

LOST = (
    "another worker of the training ended or cannot be reached: start all "
    "again with --resume"
)
_LOOPBACK = "127.0.0.1"
# Goes before `no_proxy`, for gRPC alone.
_DIRECT = "no_grpc_proxy"
# What a worker sends first, with its index: others may knock at the port.
_GREETING = "kerasgan worker {:8d}\n"
# Of a machine that falls silent; JAX waits for 100.
_SILENT_SECONDS = 60
# The main thread usually hears of it, too, and then says more.
_GRACE_SECONDS = 5


class Relay:
    """Passes on what the workers of JAX send to the service in the first one.

    When the first worker goes, JAX's client in the others aborts the process
    with a stack trace, and so does it when not all workers come or one falls
    silent. It has no hook for that: the callback in C++ is given a status that
    Python has no type for. Through a relay the client sees no connection
    closed; the relay does, and ends the process with one line.

    Attributes:
        watched: whether to end this process if another worker has gone.
    """

    def __init__(self):
        self.watched = False
        self._service = None
        self._come = set()
        self._changed = threading.Condition()
        self._ending = threading.Lock()

    def initialize(self, initialize):
        """Calls what calls `jax.distributed.initialize`, through the relay.

        Raises:
            ConnectionError: not all workers can be reached.
        """
        with replaced_coordination(self._start_service, self._make_client):
            initialize()

    def _start_service(self, start, address, count, **options):
        listener = _listen(address)
        # The kernel chooses a free port.
        with socket.create_server((_LOOPBACK, 0)) as free:
            self._service = f"{_LOOPBACK}:{free.getsockname()[1]}"
        service = start(self._service, count, **options)
        self._count = count
        _run(self._welcome, listener)
        return service

    def _welcome(self, listener):
        while True:
            _run(self._greet, listener.accept()[0])

    def _greet(self, remote):
        with contextlib.suppress(OSError, ValueError):
            _watch_silence(remote)
            size = len(_GREETING.format(0))
            greeting = remote.recv(size, socket.MSG_WAITALL).decode()
            index = int(greeting[-9:])
            if greeting == _GREETING.format(index):
                local = socket.create_connection(_split(self._service))
                self._join(remote, local)
                with self._changed:
                    self._come.add(index)
                    self._changed.notify()
                return
        remote.close()

    def _make_client(self, make, address, index, init_timeout=300, **options):
        deadline = time.monotonic() + init_timeout
        if index == 0:
            self._wait(init_timeout)
            address = self._service
        else:
            remote = _reach(address, index, deadline)
            listener = socket.create_server((_LOOPBACK, 0))
            _run(self._dial, listener, remote, address, index)
            address = f"{_LOOPBACK}:{listener.getsockname()[1]}"
        # gRPC would ask a proxy for the way to this very machine.
        direct = os.environ.get(_DIRECT) or os.environ.get("no_proxy")
        os.environ[_DIRECT] = ",".join(filter(None, [direct, _LOOPBACK]))
        return make(address, index, init_timeout=init_timeout, **options)

    def _wait(self, seconds):
        with self._changed:
            all_here = self._changed.wait_for(
                lambda: len(self._come) == self._count - 1, seconds
            )
        if not all_here:
            raise ConnectionError(
                f"{len(self._come) + 1} of {self._count} workers of the training "
                f"have connected within {seconds} s: start all workers"
            )

    def _dial(self, listener, remote, address, index):
        while True:
            local = listener.accept()[0]
            with contextlib.suppress(OSError):
                self._join(remote or _reach(address, index, 0), local)
            remote = None

    def _join(self, remote, local):
        _run(self._receive, remote, local)
        _run(_pass_on, local, remote)

    def _receive(self, remote, local):
        _pass_on(remote, local)
        with self._ending:
            time.sleep(_GRACE_SECONDS)
            if self.watched:
                with contextlib.suppress(OSError):
                    print(f"kerasgan: error: {LOST}", file=sys.stderr)
                leave()


def leave():
    """Ends the process with exit code 1, without waiting for anything."""
    for stream in (sys.stdout, sys.stderr):
        # Who reads it may have gone, too.
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(1)


def _run(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def _pass_on(source, target):
    """Returns when `source` has ended, also if nobody reads `target`.

    Who does may be a client of JAX, which connects again when it likes.
    """
    with source, contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            with contextlib.suppress(OSError):
                target.sendall(data)


def _split(address):
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _listen(address):
    host, port = _split(address)
    # JAX's default, also without IPv6.
    host = "" if host == "::" else host
    both = not host and socket.has_dualstack_ipv6()
    return socket.create_server(
        (host, port),
        family=socket.AF_INET6 if both or ":" in host else socket.AF_INET,
        dualstack_ipv6=both,
    )


def _reach(address, index, deadline):
    """Returns a socket to the first worker, which may start later."""
    while True:
        try:
            remote = socket.create_connection(_split(address), _SILENT_SECONDS)
            break
        except OSError as error:
            if time.monotonic() > deadline:
                raise ConnectionError(
                    f"the first worker of the training at {address} cannot be "
                    f"reached ({error}): start all workers"
                ) from error
        time.sleep(0.2)
    remote.settimeout(None)
    _watch_silence(remote)
    remote.sendall(_GREETING.format(index).encode())
    return remote


def _watch_silence(remote):
    options = {
        "TCP_KEEPIDLE": _SILENT_SECONDS // 4,
        "TCP_KEEPINTVL": _SILENT_SECONDS // 4,
        "TCP_KEEPCNT": 3,
        # Of what was sent, in milliseconds; where the system has it.
        "TCP_USER_TIMEOUT": 1000 * _SILENT_SECONDS,
        "TCP_NODELAY": 1,
    }
    remote.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in options.items():
        if hasattr(socket, name):
            remote.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
