"""The client, against the local server and servers that speak gRPC.

`KERASGAN_TENSORFLOW_SERVING="REST_ADDRESS GRPC_ADDRESS FOLDER"` names a running
TensorFlow Serving of the models in a folder, `NAME/VERSION`, such as
`"localhost:8501 localhost:8500 savedmodels"`: the tests go through it, too. So
they do where a `tensorflow_model_server` is found on the PATH.
"""

import concurrent.futures
import contextlib
import importlib.util
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

import grpc
import keras
import numpy as np
import pytest

import kerasgan
from kerasgan.serving.client import Client, ServingError

if keras.backend.backend() != "tensorflow":
    pytest.skip("needs the TensorFlow backend", allow_module_level=True)

HERE = pathlib.Path(__file__).parent


@contextlib.contextmanager
def local_server(folder):
    """`kerasgan serve`, in a thread."""
    pytest.importorskip("uvicorn", reason="needs kerasgan[serve]")
    from kerasgan.serving.server.http_server import listen, make_server
    from kerasgan.serving.server.limits import Limits
    from kerasgan.serving.server.model_sources import Source
    from kerasgan.serving.server.models import Models

    models = Models([Source(folder)])
    models.load()
    server = make_server(models, Limits())
    with listen("127.0.0.1", 0) as bound:
        thread = threading.Thread(target=server.run, args=([bound],))
        thread.start()
        yield "http://{}:{}".format(*bound.getsockname())
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def stand_in(folder):
    """`grpc_stand_in.py`, in a thread."""
    spec = importlib.util.spec_from_file_location(
        "grpc_stand_in", HERE / "grpc_stand_in.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.serve(folder) as address:
        yield f"grpc://{address}"


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@contextlib.contextmanager
def model_server(folder):
    """The `tensorflow_model_server` of the PATH: its two addresses."""
    rest, grpc = _free_port(), _free_port()
    process = subprocess.Popen(
        [
            "tensorflow_model_server",
            f"--rest_api_port={rest}",
            f"--port={grpc}",
            "--model_name=faces",
            f"--model_base_path={folder / 'faces'}",
        ]
    )
    url = f"http://127.0.0.1:{rest}"
    with contextlib.ExitStack() as stack:
        stack.callback(process.wait)
        stack.callback(process.terminate)
        client = stack.enter_context(Client(url, "faces", retries=0))
        for _ in range(120):
            with contextlib.suppress(ConnectionError, ServingError):
                if client.status()[0]["state"] == "AVAILABLE":
                    break
            time.sleep(0.5)
        yield url, f"grpc://127.0.0.1:{grpc}"


class Target:
    """A server, and the SavedModel that it serves, loaded."""

    def __init__(self, url, path, serve):
        self.url = url
        self.name, self.version = path.parent.name, int(path.name)
        self.served = serve(path)

    def client(self, **options):
        return Client(self.url, self.name, **options)


@pytest.fixture(scope="module", params=["local", "stand-in", "rest", "grpc"])
def target(request, path, serve):
    """The local server, the stand-in, and the real one over both of its APIs."""
    folder = path.parent.parent
    with contextlib.ExitStack() as stack:
        if request.param == "local":
            url = stack.enter_context(local_server(folder))
        elif request.param == "stand-in":
            url = stack.enter_context(stand_in(folder))
        elif named := os.environ.get("KERASGAN_TENSORFLOW_SERVING"):
            rest, grpc, folder = named.split(maxsplit=2)
            path = max(
                pathlib.Path(folder).glob("*/*/saved_model.pb"),
                key=lambda file: (file.parts[-3], int(file.parts[-2])),
            ).parent
            urls = {"rest": f"http://{rest}", "grpc": f"grpc://{grpc}"}
            url = urls[request.param]
        elif shutil.which("tensorflow_model_server"):
            urls = stack.enter_context(model_server(folder))
            url = urls[request.param == "grpc"]
        else:
            pytest.skip(
                "no tensorflow_model_server on the PATH, and "
                "KERASGAN_TENSORFLOW_SERVING names none"
            )
        yield Target(url, path, serve)


@pytest.fixture
def client(target):
    with target.client() as client:
        yield client


@pytest.mark.parametrize("truncation", [None, 0.7])
@pytest.mark.parametrize(
    "count, seed", [(1, 0), (5, -(2**40)), (70, 2**63 - 1)]
)
def test_samples_are_those_of_the_saved_model(
    client, target, count, seed, truncation
):
    expected = target.served.sample(count, seed, truncation or 0.0)
    found = client.sample(count, seed, truncation)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected)


def test_png_files_are_those_of_the_saved_model(client, target):
    files = client.sample_png(3, seed=4, truncation=1.5)
    expected = target.served.sample(3, 4, 1.5, "sample_png")
    assert files == list(expected)
    assert all(isinstance(file, bytes) for file in files)


def test_interpolations_are_those_of_the_saved_model(client, target):
    found = client.interpolate((3, -9), steps=4)
    assert found.dtype == np.uint8
    expected = target.served.interpolate((3, -9), 4)
    np.testing.assert_array_equal(found, expected)


def test_the_network_itself(client, target):
    size = client.metadata()["signatures"]["serving_default"]["inputs"]
    size = size["latents"]["shape"][1]
    latents = np.random.default_rng(0).normal(size=(3, size))
    found = client.generate(latents)
    assert found.dtype == np.float32
    expected = target.served.default(latents)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("server", [local_server, stand_in])
def test_labels(server, pets, conditional, assert_same_pictures):
    names = ["cat", "dog", "Öl, Essig"]
    with server(pets) as url, Client(url, "pets") as client:
        for label in (None, "dog", 1, np.int64(1), names[2]):
            expected = kerasgan.sample(conditional, 3, 7, 0.9, label=label)
            found = client.sample(3, 7, 0.9, label=label)
            assert_same_pictures(found, expected)
        assert client.classes() == names
        for labels in (None, "cat", ("cat", 2)):
            expected = kerasgan.interpolate(conditional, steps=4, labels=labels)
            found = client.interpolate(steps=4, labels=labels)
            assert_same_pictures(found, expected)
        z = np.random.default_rng(0).normal(size=(2, 5))
        expected = conditional([z, np.array([1, 0])], training=False)
        found = client.generate(z, ["dog", 0])
        np.testing.assert_allclose(found, expected, atol=1e-5)
        for call in (
            lambda: client.sample(1, label="bird"),
            lambda: client.sample(1, label=3),
            lambda: client.sample(2, label=[0, 1]),
            lambda: client.interpolate(labels=(0, 1, 2)),
            lambda: client.generate(z, [0]),
            lambda: client.generate(z),
        ):
            with pytest.raises(ValueError, match="Received: label"):
                call()
        # Of a model for batching, whose classes have no names there.
        with Client(url, "rows") as rows:
            assert rows.classes() is None
            np.testing.assert_array_equal(rows.generate(z, [1, 0]), found)
            with pytest.raises(ValueError, match="an index.*Received: label"):
                rows.generate(z, "cat")
            with pytest.raises(ServingError, match="labels must be from 0"):
                rows.generate(z, 3)


def test_a_label_of_a_model_without_classes(client):
    assert client.classes() is None
    for call in (
        lambda: client.sample(1, label=0),
        lambda: client.interpolate(labels="cat"),
    ):
        with pytest.raises(
            ValueError, match="not conditional.*Received: label"
        ):
            call()


def test_metadata(client, target):
    found = client.metadata()
    assert found["model"] == target.name
    assert found["version"] == target.version
    signatures = found["signatures"]
    assert list(signatures) == [
        "interpolate",
        "sample",
        "sample_png",
        "serving_default",
    ]
    assert signatures["sample"]["inputs"] == {
        "count": {"dtype": "int32", "shape": []},
        "seed": {"dtype": "int64", "shape": []},
        "truncation": {"dtype": "float32", "shape": []},
    }
    images = signatures["serving_default"]["outputs"]["images"]
    assert images["dtype"] == "float32" and images["shape"][0] is None
    assert signatures["sample_png"]["outputs"] == {
        "png_bytes": {"dtype": "string", "shape": [None]}
    }


def test_status(client, target):
    assert client.status() == [
        {"version": target.version, "state": "AVAILABLE", "error": ""}
    ]


def test_a_version_that_is_chosen(target):
    with target.client(version=target.version) as client:
        assert client.sample(1).shape[0] == 1
    with target.client(version=77) as client:
        for call in (
            lambda: client.sample(1),
            client.interpolate,
            client.metadata,
            client.status,
        ):
            with pytest.raises(ServingError, match="77") as error:
                call()
            assert error.value.status in (404, "NOT_FOUND")
    with target.client(label="none") as client:
        with pytest.raises(ServingError, match="Unrecognized.*none") as error:
            client.sample(1)
        assert error.value.status in (400, "INVALID_ARGUMENT")


def test_a_model_that_is_not_there(target):
    with Client(target.url, "nobody") as client:
        with pytest.raises(ServingError, match="nobody") as error:
            client.sample(1)
        assert error.value.status in (404, "NOT_FOUND")
        assert "Servable not found" in error.value.message


def test_more_than_the_server_draws(client):
    with pytest.raises(ServingError) as error:
        client.sample(10**6)
    assert error.value.status in (400, "INVALID_ARGUMENT")
    assert client.sample(1).shape[0] == 1


def test_assertions_of_the_graph_tell_their_reason(client):
    # The client itself would refuse it.
    inputs = {"seeds": np.int64([1, 2]), "steps": np.int32(1)}
    with pytest.raises(ServingError) as error:
        client._predict("interpolate", inputs)
    assert error.value.status in (400, "INVALID_ARGUMENT")
    assert "steps must be from 2 to 4096" in str(error.value)
    assert "\n" not in str(error.value)


def test_arguments_that_are_wrong(client):
    for call in (
        lambda: client.sample(0),
        lambda: client.sample(1.5),
        lambda: client.sample(True),
        lambda: client.sample(2**31),
        lambda: client.sample(1, seed=2**63),
        lambda: client.sample(1, seed="1"),
        lambda: client.sample(1, truncation=0),
        lambda: client.sample(1, truncation=float("nan")),
        lambda: client.sample_png(-1),
        lambda: client.interpolate((1, 2, 3)),
        lambda: client.interpolate((1, 2), steps=1),
        lambda: client.generate([1.0]),
        lambda: client.generate([[float("nan")] * 5]),
        lambda: client.generate(np.zeros((0, 5))),
    ):
        with pytest.raises(ValueError, match="Received: "):
            call()


def test_latents_of_another_size(client):
    with pytest.raises(ServingError) as error:
        client.generate(np.zeros((1, 3)))
    assert error.value.status in (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    "options",
    [
        {"url": "localhost:8501"},
        {"url": "ftp://localhost"},
        {"url": "http://"},
        {"url": None},
        {"version": 1, "label": "stable"},
        {"version": "1"},
        {"timeout": 0},
        {"timeout": float("inf")},
        {"retries": -1},
    ],
)
def test_wrong_clients(options):
    url = options.pop("url", "http://localhost:8501")
    with pytest.raises(ValueError, match="Received: "):
        Client(url, "faces", **options)


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_nobody_is_there(scheme):
    url = f"{scheme}://127.0.0.1:{_free_port()}"
    with Client(url, "faces", retries=2) as client:
        begin = time.monotonic()
        with pytest.raises(ConnectionError, match=url):
            client.sample(1)
        # It was tried three times, with pauses.
        assert 0.1 < time.monotonic() - begin < 20


@pytest.mark.parametrize(
    "code, attempts",
    [("UNAVAILABLE", 3), ("RESOURCE_EXHAUSTED", 3), ("INVALID_ARGUMENT", 1)],
)
def test_what_grpc_tries_again(code, attempts):
    asked = []

    def refuse(request, context):
        asked.append(request)
        context.abort(grpc.StatusCode[code], "It was so.")

    handler = grpc.method_handlers_generic_handler(
        "tensorflow.serving.PredictionService",
        {"Predict": grpc.unary_unary_rpc_method_handler(refuse)},
    )
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1), [handler])
    url = f"grpc://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    with Client(url, "faces", retries=2) as client:
        with pytest.raises((ServingError, ConnectionError), match="It was so"):
            client.sample(1)
    server.stop(None).wait()
    assert len(asked) == attempts


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_nobody_answers(scheme):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        with Client(url, "faces", timeout=0.2, retries=3) as client:
            # gRPC sees no connection as long as there is no greeting.
            with pytest.raises((TimeoutError, ConnectionError), match=url):
                client.sample(1)
        # Who waited as long as was said does not wait again.
        server.setblocking(False)
        server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()
