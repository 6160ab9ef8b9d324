"""What the workers of JAX connect through; here with plain sockets."""

import queue
import socket
import threading

import pytest

from kerasgan.training import jax_relay as relays

pytestmark = pytest.mark.one_backend


@pytest.fixture
def ended(monkeypatch):
    """A queue that gets an item for each process that would have ended."""
    ends = queue.Queue()
    monkeypatch.setattr(relays, "leave", lambda: ends.put(True))
    monkeypatch.setattr(relays, "_GRACE_SECONDS", 0)
    # It is changed; here, until the test ends.
    monkeypatch.setenv("no_grpc_proxy", "")
    return ends


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def echo(address, count):
    """Stands for the service: sends back what comes."""
    host, port = address.split(":")
    server = socket.create_server((host, int(port)))

    def serve(connection):
        with connection:
            while data := connection.recv(100):
                connection.sendall(data)

    def accept():
        while True:
            threading.Thread(
                target=serve, args=[server.accept()[0]], daemon=True
            ).start()

    threading.Thread(target=accept, daemon=True).start()


def connect(address, index, init_timeout=300):
    """Stands for a client."""
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), 10)


def test_a_relay_passes_on_and_notices_who_has_gone(ended, capsys, monkeypatch):
    remotes, reach = [], relays._reach
    monkeypatch.setattr(
        relays, "_reach", lambda *a: remotes.append(reach(*a)) or remotes[0]
    )
    port = free_port()
    first, other = relays.Relay(), relays.Relay()
    first._start_service(echo, f"[::]:{port}", 2)
    stranger = socket.create_connection(("127.0.0.1", port))
    stranger.sendall(b"GET / HTTP/1.1\r\nHost:\r\n\r\n".ljust(25))
    assert stranger.recv(1) == b""
    stranger.close()
    client = other._make_client(connect, f"localhost:{port}", 1)
    own = first._make_client(connect, f"localhost:{port}", 0)
    for one in (client, own):
        one.sendall(b"hello")
        assert one.recv(100) == b"hello"
    first.watched = other.watched = True
    # A client that connects anew has not gone.
    client.close()
    own.close()
    with pytest.raises(queue.Empty):
        ended.get(timeout=0.3)
    # Its process has.
    remotes[0].shutdown(socket.SHUT_RDWR)
    assert ended.get(timeout=10) and ended.get(timeout=10)
    assert capsys.readouterr().err == 2 * f"kerasgan: error: {relays.LOST}\n"


def test_workers_that_do_not_come_are_one_line(ended):
    port = free_port()
    first = relays.Relay()
    with pytest.raises(ConnectionError, match="first worker .* start all"):
        first._make_client(connect, f"localhost:{port}", 1, init_timeout=0.3)
    first._start_service(echo, f"127.0.0.1:{port}", 3)
    with pytest.raises(ConnectionError, match="1 of 3 workers .* within 0.3 s"):
        first._make_client(connect, f"localhost:{port}", 0, init_timeout=0.3)
