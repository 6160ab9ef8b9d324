import contextlib
import http.client
import json
import threading
import time
from importlib import util
from pathlib import Path

import keras
import pytest

if keras.backend.backend() != "tensorflow" or not util.find_spec("uvicorn"):
    # They are for kerasgan[serve], and the server runs on TensorFlow.
    collect_ignore_glob = ["test_*.py"]


class Server:
    """A running server, and requests to it as bytes."""

    def __init__(self, bound, models, server):
        self.connections = lambda: server.server_state.connections
        self.host, self.port = bound.getsockname()[:2]
        self.url = f"http://{self.host}:{self.port}"
        self.models = models

    def ask(self, path, body=None, method=None, headers=None):
        """`(status, headers, body)` of an answer, the body as bytes."""
        connection = http.client.HTTPConnection(
            self.host, self.port, timeout=30
        )
        with contextlib.closing(connection):
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            method = method or ("GET" if body is None else "POST")
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def json(self, *arguments, **options):
        """`(status, answer)`, the answer read as JSON."""
        status, headers, body = self.ask(*arguments, **options)
        assert headers["content-type"] == "application/json", body
        return status, json.loads(body)

    def predict(self, body, which="faces"):
        """The answer to a predict request, with its status."""
        return self.json(f"/v1/models/{which}:predict", body)

    def error(self, body, status=400, which="faces"):
        """The message of an error in the documented form."""
        found, answer = self.predict(body, which)
        assert found == status, answer
        assert list(answer) == ["error"]
        return answer["error"]


@pytest.fixture(scope="session")
def start():
    """Serves a folder in a thread: `with start(folder) as server`."""
    from kerasgan.serving.server.http_server import listen, make_server
    from kerasgan.serving.server.limits import Limits
    from kerasgan.serving.server.model_sources import Source
    from kerasgan.serving.server.models import Models

    @contextlib.contextmanager
    def start(
        folder=None,
        labels=None,
        poll=60.0,
        models=None,
        access=None,
        **limits,
    ):
        if models is None:
            models = Models([Source(folder)], labels)
            models.load()
        server = make_server(models, Limits(**limits), poll, access=access)
        with listen("127.0.0.1", 0) as bound:
            thread = threading.Thread(target=server.run, args=([bound],))
            thread.start()
            try:
                wait(lambda: server.started)
                yield Server(bound, models, server)
            finally:
                server.should_exit = True
                thread.join()

    return start


def wait(condition, seconds=20):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(name="wait", scope="session")
def _wait():
    return wait


@pytest.fixture(scope="session")
def server(start, path):
    """The server of `faces`, with the usual limits."""
    with start(path.parent.parent) as server:
        yield server


@pytest.fixture(scope="session")
def toys(tmp_path_factory):
    """A folder with the model `toys`, version 123."""
    import tensorflow as tf

    folder = tmp_path_factory.mktemp("toys")
    spec = util.spec_from_file_location(
        "toys", Path(__file__).parent / "toys.py"
    )
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module = module.Toys()
    names = "several", "binary", "text", "integers", "booleans", "reals"
    names += "uneven", "total"
    tf.saved_model.save(
        module,
        str(folder / "toys" / "123"),
        {
            "serving_default": module.half_plus_three,
            **{name: getattr(module, name) for name in names},
        },
    )
    return folder


@pytest.fixture(scope="session")
def toy_server(start, toys):
    """The server of `toys`, of which version 123 has the label `stable`."""
    with start(toys, {("toys", "stable"): 123}) as server:
        yield server
