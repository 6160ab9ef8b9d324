import contextlib
import http.client
import json
import threading
import time

import keras
import pytest

if keras.backend.backend() != "tensorflow":
    pytest.skip("needs the TensorFlow backend", allow_module_level=True)
pytest.importorskip("uvicorn", reason="needs kerasgan[serve]")

import tensorflow as tf

from kerasgan.serving.server.limits import Limits
from kerasgan.serving.server.models import Models
from kerasgan.serving.server.run import listen, make_server


class Server:
    """A running server, and requests to it as bytes."""

    def __init__(self, bound, models, server):
        self.connections = lambda: server.server_state.connections
        self.host, self.port = bound.getsockname()[:2]
        self.url = f"http://{self.host}:{self.port}"
        self.models = models

    def ask(self, path, body=None, method=None, headers=None):
        """`(status, headers, body)` of an answer, the body as bytes."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
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
    """A function that serves a folder in a thread: `with start(folder) as server`."""

    @contextlib.contextmanager
    def start(folder, labels=None, poll=60.0, report=lambda line: None, **limits):
        models = Models(folder, labels, report)
        models.load()
        server = make_server(models, Limits(**limits), poll)
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


def signature(*specs):
    return tf.function(input_signature=specs, autograph=False)


class Toys(tf.Module):
    """Signatures of the kinds that the documents of TensorFlow Serving show."""

    def __init__(self):
        super().__init__()
        self.half = tf.Variable(0.5)

    @signature(tf.TensorSpec([None], tf.float32, "x"))
    def half_plus_three(self, x):
        return {"y": self.half * x + 3.0}

    @signature(
        tf.TensorSpec([None], tf.string, "tag"),
        tf.TensorSpec([None, 5], tf.float32, "signal"),
        tf.TensorSpec([None, 2, 2], tf.int32, "sensor"),
    )
    def several(self, tag, signal, sensor):
        return {
            "tag": tf.identity(tag),
            "sum": tf.reduce_sum(signal, axis=1),
            "sensor": 2 * sensor,
        }

    @signature(tf.TensorSpec([None], tf.string, "image_bytes"))
    def binary(self, image_bytes):
        return {"out_bytes": tf.identity(image_bytes)}

    @signature(tf.TensorSpec([None], tf.string, "image_bytes"))
    def text(self, image_bytes):
        return {"text": tf.identity(image_bytes)}

    @signature(tf.TensorSpec([None], tf.int64, "n"))
    def integers(self, n):
        return {"same": tf.identity(n)}

    @signature(tf.TensorSpec([None], tf.bool, "b"))
    def booleans(self, b):
        return {"not": tf.logical_not(b)}

    @signature(tf.TensorSpec([None, None], tf.float32, "x"))
    def reals(self, x):
        return {"same": tf.identity(x)}


@pytest.fixture(scope="session")
def toys(tmp_path_factory):
    """A folder with the model `toys`, version 123."""
    folder = tmp_path_factory.mktemp("toys")
    module = Toys()
    names = "several", "binary", "text", "integers", "booleans", "reals"
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
