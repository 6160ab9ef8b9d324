"""Whatever is sent, there is an answer, and the server survives."""

import contextlib
import json
import os
import socket
import threading
import time

import psutil
import pytest


@pytest.fixture(autouse=True)
def alive(server):
    """After each test the server answers as before."""
    yield
    assert server.predict({"instances": [[0.0] * 5]})[0] == 200


def sample(signature="sample", **inputs):
    inputs = {"count": 1, "seed": 0, "truncation": 0.0, **inputs}
    return {"signature_name": signature, "inputs": inputs}


@pytest.mark.parametrize(
    "body",
    [
        {"instances": [[0.0] * 4]},
        {"instances": [[0.0] * 6]},
        {"instances": [0.0] * 5},
        {"instances": [[[0.0] * 5]]},
        {"instances": [[0.0] * 5, [0.0] * 4]},
        {"instances": [[]]},
        {"inputs": []},
        {"instances": [["0"] * 5]},
        {"instances": [[None] * 5]},
        {"instances": [[True] * 5]},
        '{"instances": [[NaN, 0, 0, 0, 0]]}',
        '{"instances": [[Infinity, 0, 0, 0, 0]]}',
        '{"instances": [[1e400, 0, 0, 0, 0]]}',
        sample(count=0),
        sample(count=-1),
        sample(count=10**9),
        sample(count=2**31),
        sample(count=2**63),
        sample(count=10**400),
        sample(count=1.0),
        sample(count="1"),
        sample(count=[1]),
        sample("sample_png", count=10**9),
        sample(seed=2**63),
        sample(seed=1.5),
        sample(truncation="1"),
        {"signature_name": "sample", "inputs": {"count": 1, "seed": 0}},
        {
            "signature_name": "interpolate",
            "inputs": {"seeds": [1, 2], "steps": 1},
        },
        {
            "signature_name": "interpolate",
            "inputs": {"seeds": [1, 2], "steps": 10**9},
        },
        {"signature_name": "interpolate", "inputs": {"seeds": [1], "steps": 2}},
        {"signature_name": "", "instances": None},
        {"signature_name": "../../etc/passwd", "instances": [[0.0] * 5]},
        {"instances": [{"b64": "%%%"}]},
        "",
        " ",
        "{",
        "\x00",
        b"\xff\xfe\xfd",
        "[" * 100_000,
        '{"instances": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' * 100_000,
        '{"instances": ' + "9" * 100_000 + "}",
        '{"instances": [[' + "1" * 5000 + ", 0, 0, 0, 0]]}",
    ],
    ids=lambda body: str(body)[:60],
)
def test_bodies(server, body):
    message = server.error(body)
    # One that can be read, and sends nothing back that was sent.
    assert 0 < len(message) < 400


@pytest.mark.parametrize(
    "route",
    [
        "/v1/models/..",
        "/v1/models/../../../etc/passwd",
        "/v1/models/%2e%2e",
        "/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/models/faces%00",
        "/v1/models/%2Fetc%2Fpasswd",
        "/v1/models/faces/versions/..%2f1",
        "/v1/models/faces/versions/-1",
        "/v1/models/faces/labels/..%2f1",
        "/v1/models/faces/metadata/../../x",
        "/v1/models//faces",
        "/v1/models/" + "a" * 5000,
        "/v1/models/%ff%fe",
        "/v1/../page/index.html",
        "/page/../../server/http_server.py",
        "/page/..%2f__init__.py",
        "/page/%2e%2e%2fexport.py",
        "/page/__init__.py",
        "/page/.",
        "/page/%00",
        "/latents?size=1000000000",
        "/latents?size=128&count=1000000000",
        "/latents?size=-1",
        "/latents?size=x",
        "/latents",
        "/latents?size=8&seed=99999999999999999999",
        "/latents?size=8&truncation=x",
        "/latents?size=8&truncation=0.0000001x",
        "/no/such/thing",
    ],
)
def test_paths(server, route):
    for method in ("GET", "POST"):
        status, answer = server.json(route, method=method)
        assert status in (400, 404, 405), (method, status)
        assert list(answer) == ["error"]


def test_wrong_methods(server):
    for path in ("/v1/models/faces", "/v1/models/faces:predict"):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
            status, answer = server.json(path, method=method)
            assert status == 400 and "Unknown request" in answer["error"]
    for path in ("/", "/gallery", "/latents?size=8"):
        assert server.json(path, method="POST", body="{}")[0] == 405


@contextlib.contextmanager
def connected(server):
    with socket.create_connection((server.host, server.port), 30) as connection:
        yield connection


HEAD = b"POST /v1/models/faces:predict HTTP/1.1\r\nHost: localhost\r\n"


def received(connection):
    found = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(1 << 16):
            found += part
    return found


def test_a_large_body_is_refused_before_it_is_sent(server):
    with connected(server) as connection:
        connection.sendall(HEAD + b"Content-Length: 104857600\r\n\r\n")
        assert received(connection).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_mb_is_refused_while_it_is_read(server, chunked):
    """Clients that send all before they read get their answer, too."""
    parts = (b" " * (1 << 20) for _ in range(100))
    headers = {} if chunked else {"Content-Length": str(100 << 20)}
    memory = psutil.Process(os.getpid()).memory_info
    before = memory().rss
    found = server.json("/v1/models/faces:predict", parts, "POST", headers)
    assert found == (413, {"error": "A body may have at most 4194304 bytes"})
    assert memory().rss - before < 50 << 20


def test_a_curl_that_asks_first(server):
    with connected(server) as connection:
        more = b"Expect: 100-continue\r\nContent-Length: 104857600\r\n\r\n"
        connection.sendall(HEAD + more)
        assert received(connection).startswith(b"HTTP/1.1 413 ")
    with connected(server) as connection:
        body = b'{"instances": [[0, 0, 0, 0, 0]]}'
        more = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(HEAD + more)
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /v1/models/faces HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "
        + b"a" * 1_000_000
        + b"\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: x\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=lambda data: data[:60].decode("latin-1"),
)
def test_what_is_no_http(server, data):
    with connected(server) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(data)
        found = received(connection)
    assert not found or found.startswith(b"HTTP/1.1 4"), found


@pytest.fixture(scope="module")
def hasty(start, path):
    """A server with little patience, and what it does in half a second."""
    with start(path.parent.parent, patience=0.5, timeout=5.0) as server:
        yield server


def closed_after(connection, seconds, send=None):
    """Seconds until the other side closes, with something sent meanwhile."""
    connection.settimeout(0.05)
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        try:
            if send is not None:
                connection.sendall(send)
            if not connection.recv(1 << 16):
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - begin


@pytest.mark.parametrize(
    "first, then",
    [
        (b"", None),
        (b"GET / HTTP/1.1\r\n", None),
        (b"GET / HTTP/1.1\r\n", b"X: y\r\n"),
        (HEAD + b"Content-Length: 50\r\n\r\n{", None),
        (HEAD + b"Content-Length: 5000\r\n\r\n{", b" "),
    ],
    ids=["nothing", "header", "slow header", "body", "slow body"],
)
def test_slow_clients_are_cut_off(hasty, first, then):
    with connected(hasty) as connection:
        connection.sendall(first)
        assert closed_after(connection, 5, then) < 3
    # Also after a request that was fine.
    with connected(hasty) as connection:
        connection.sendall(
            b"GET /v1/models/faces HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
        connection.sendall(first)
        assert closed_after(connection, 5, then) < 3
    assert hasty.predict({"instances": [[0.0] * 5]})[0] == 200


def test_a_slow_body_is_told(hasty):
    with connected(hasty) as connection:
        connection.sendall(HEAD + b"Content-Length: 50\r\n\r\n{")
        assert received(connection).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_does_not_read_is_cut_off(hasty, wait):
    """It holds up nobody, and no memory for longer than patience lasts."""
    drawn = {"count": 1024, "seed": 0, "truncation": 0}
    body = json.dumps({"signature_name": "sample", "inputs": drawn}).encode()
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with connected(hasty) as connection:
        # A megabyte each, more than all buffers hold.
        connection.sendall(request * 40)
        assert hasty.predict({"instances": [[0.0] * 5]})[0] == 200
        wait(lambda: not hasty.connections())
        found = received(connection)
    assert 0 < found.count(b"HTTP/1.1 200") < 40


def test_many_idle_connections_leave_room(hasty):
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connected(hasty))
        assert hasty.predict({"instances": [[0.0] * 5]})[0] == 200


def test_clients_that_go_away_are_forgotten(server):
    drawn = {"count": 1024, "seed": 0, "truncation": 0}
    body = json.dumps({"signature_name": "sample", "inputs": drawn}).encode()
    request = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def leave():
        with connected(server) as connection:
            connection.sendall(request)

    threads = [threading.Thread(target=leave) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    begin = time.monotonic()
    assert server.predict({"instances": [[0.0] * 5]})[0] == 200
    # A hundred of them take longer.
    assert time.monotonic() - begin < 10
