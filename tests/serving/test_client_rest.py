"""What is particular to REST: no framework, retries, and other servers."""

import http.server
import json
import subprocess
import sys
import threading

import pytest

from kerasgan.serving.client import Client, ServingError


class Scripted(http.server.ThreadingHTTPServer):
    """Answers one request after the other as it was told: status and body."""

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.asked = list(answers), []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,)).start()
        return self

    def __exit__(self, *exception):
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        size = int(self.headers.get("Content-Length", 0))
        self.server.asked.append((self.path, self.rfile.read(size)))
        status, body, *headers = self.server.answers.pop(0)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


GOOD = 200, b'{"outputs": [[[[1]]]]}'
BUSY = 429, b'{"error": "busy"}'


def test_what_is_asked():
    with (
        Scripted(GOOD) as server,
        Client(server.url + "/x/", "a b", label="c/d") as c,
    ):
        assert c.interpolate((1, 2), 3).tolist() == [[[[1]]]]
        ((path, body),) = server.asked
    assert path == "/x/v1/models/a%20b/labels/c%2Fd:predict"
    assert json.loads(body) == {
        "signature_name": "interpolate",
        "inputs": {"seeds": [1, 2], "steps": 3},
    }


@pytest.mark.parametrize(
    "first",
    [
        BUSY,
        (503, b"Service Unavailable"),
        (None, b""),
        (*BUSY, ("Retry-After", "0")),
    ],
    ids=["429", "503", "hung up", "Retry-After"],
)
def test_what_is_tried_again(first):
    with Scripted(first, first, GOOD) as server:
        with Client(server.url, "faces", retries=2) as client:
            assert client.interpolate().shape == (1, 1, 1, 1)
        assert len(server.asked) == 3


@pytest.mark.parametrize("status", [400, 404, 413, 500, 504])
def test_what_is_not_tried_again(status):
    with Scripted((status, b'{"error": "It was so."}'), GOOD) as server:
        with Client(server.url, "faces") as client:
            with pytest.raises(ServingError, match="It was so.") as error:
                client.interpolate()
        # After 400 it is asked whether the model takes labels, no more.
        paths = [path for path, _ in server.asked]
        assert paths == [
            "/v1/models/faces:predict",
            *(["/v1/models/faces/metadata"] if status == 400 else []),
        ]
    assert error.value.status == status and error.value.message == "It was so."
    assert f"{server.url}/v1/models/faces:predict" in str(error.value)


def test_a_server_that_stays_busy():
    with Scripted(*[BUSY] * 3) as server:
        with Client(server.url, "faces", retries=2) as client:
            with pytest.raises(ServingError, match="busy") as error:
                client.interpolate()
    assert error.value.status == 429


def test_a_server_that_hangs_up():
    with Scripted((None, b"")) as server:
        with Client(server.url, "faces", retries=0) as client:
            with pytest.raises(ConnectionError, match=server.url):
                client.interpolate()


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_servers_of_another_kind(body):
    with Scripted((200, body)) as server:
        with Client(server.url, "faces") as client:
            with pytest.raises(ServingError, match="no answer of TensorFlow"):
                client.status()


def test_the_only_model():
    one = json.dumps({"models": [{"name": "faces"}]}).encode()
    two = json.dumps({"models": [{"name": "faces"}, {"name": "cats"}]}).encode()
    with Scripted((200, one), (200, two), (404, b"{}")) as server:
        with Client(server.url) as client:
            assert client.model == "faces"
        with pytest.raises(
            ValueError, match="faces, cats.*Received: model=None"
        ):
            Client(server.url)
        with pytest.raises(ValueError, match="Received: model=None"):
            Client(server.url)


def test_it_needs_no_framework():
    code = """
import sys
from kerasgan.serving.client import Client
Client("http://127.0.0.1:1", "faces")
print(sorted({"keras", "tensorflow", "jax", "scipy"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "[]\n", done.stderr
