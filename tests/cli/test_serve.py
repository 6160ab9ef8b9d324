"""`kerasgan serve` as a process."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from needs_tensorflow import tf
from one_line import refused

pytest.importorskip("uvicorn", reason="needs kerasgan[serve]")


@pytest.fixture(scope="module")
def savedmodels(tmp_path_factory):
    """A folder with `double`, version 1, which counts slowly to a number."""
    folder = tmp_path_factory.mktemp("savedmodels")
    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
    def double(x):
        return {"y": 2 * x}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, "n")])
    def count(n):
        end = tf.while_loop(lambda i: i < n[0], lambda i: [i + 1], [0 * n[0]])
        return {"n": end[0][None]}

    signatures = {"serving_default": double, "count": count}
    tf.saved_model.save(module, str(folder / "double" / "1"), signatures)
    return folder


class Process:
    """A server in a process, and what it has said."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        for line in process.stdout:
            self.lines.append(line.strip())
            if line.startswith("Serving "):
                break
        else:
            raise AssertionError(self.lines)
        self.url = line.split()[-1]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            self.url + path, data, timeout=60
        ) as answer:
            return json.loads(answer.read())

    def wait_until_ready(self):
        for _ in range(600):
            with contextlib.suppress(urllib.error.HTTPError):
                return self.ask("readyz")
            time.sleep(0.1)
        raise AssertionError("not ready")


@contextlib.contextmanager
def serving(*arguments, cwd=None, **environment):
    process = subprocess.Popen(
        [sys.executable, "-m", "kerasgan.cli", "serve", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A shell starts what runs in the background with interrupts ignored.
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
    )
    try:
        yield Process(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.integration
def test_it_serves_and_finishes_what_runs_when_it_is_told_to_stop(savedmodels):
    with serving(
        savedmodels, "--port", 0, "--label", "double/stable=1"
    ) as server:
        assert server.lines[-1] == f"Serving {savedmodels} at {server.url}"
        assert server.url.startswith("http://127.0.0.1:")
        server.wait_until_ready()
        predict = "v1/models/double/labels/stable:predict"
        body = {"instances": [1.5]}
        assert server.ask(predict, body) == {"predictions": [3.0]}
        answers = []

        def count():
            body = {"signature_name": "count", "inputs": [300_000]}
            answers.append(server.ask(predict, body))

        thread = threading.Thread(target=count)
        thread.start()
        # Until it runs: it takes a second or more.
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        thread.join()
        assert answers == [{"outputs": [300_000]}]
        assert server.process.wait(timeout=60) == 0
        with pytest.raises(urllib.error.URLError):
            server.ask(predict, body)
        assert "Traceback" not in server.process.stdout.read()


@pytest.mark.integration
def test_it_listens_at_once_and_ends_while_it_loads(savedmodels):
    with serving(savedmodels, "--port", 0) as server:
        # TensorFlow is still being imported.
        assert server.ask("healthz") == {"status": "ok"}
        with pytest.raises(urllib.error.HTTPError, match="503"):
            server.ask("readyz")
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=20) == 130
        said = server.process.stdout.read()
        assert "kerasgan: interrupted" in said and "Traceback" not in said


@pytest.mark.integration
@pytest.mark.parametrize("kind", ["zoo", "run"])
def test_what_is_no_saved_model_is_exported_once(
    entry, run, monkeypatch, tmp_path, kind
):
    from kerasgan.serving.server import http_server as server

    served = []

    def load(made, bound):
        bound.close()
        made._models.load()
        served.extend(
            (version.model, version.number) for version in made._models.newest()
        )

    monkeypatch.setattr(server, "run", load)
    name, arguments = entry.name, ()
    if kind == "run":
        folder = tmp_path / "mine" / "best"
        shutil.copytree(entry, folder)
        name, arguments, entry = "mine-best", (folder,), folder
    cache = os.path.join(os.environ["KERASGAN_CACHE"], "savedmodels")
    for at in range(2):
        result = run("serve", *arguments, "--port", 0)
        assert result.exit_code == 0, result.output
        assert ("exporting" in result.stderr) is (at == 0)
    assert os.listdir(cache) == [name]
    assert os.listdir(os.path.join(cache, name)) == ["1"]
    # Another recipe is another model; what was made before is kept.
    file = entry / "recipe.yaml"
    text = file.read_text()
    file.write_text(text + "# changed\n")
    assert run("serve", *arguments, "--port", 0).exit_code == 0
    file.write_text(text)
    assert run("serve", *arguments, "--port", 0).exit_code == 0
    assert served == [(name, number) for number in (1, 1, 2, 1)]


def test_what_cannot_be_served(run, here, savedmodels, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", savedmodels, "--port", port)
    refused(result, f"Received: host=127.0.0.1, port={port}")
    for arguments, message in (
        ([here / "nothing"], "no such entry in the zoo and no run directory"),
        ([here], "NAME/VERSION"),
        ([savedmodels, savedmodels / "double"], "both have a model called"),
        (["dcgan-wn-untrained"], "has no weights"),
        (
            [savedmodels, "--label", "double/stable=7"],
            "label='double/stable=7'",
        ),
        ([savedmodels, "--label", "stable"], "label='stable'"),
        ([savedmodels, "--host", "no.such.host.invalid"], "host=no.such.host"),
        ([], "no pretrained entries"),
    ):
        refused(run("serve", *arguments, "--port", 0), message)


def test_the_extra_is_named_where_it_is_missing(run, savedmodels, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    refused(
        run("serve", savedmodels), "needs the package uvicorn: pip install '"
    )


def test_other_addresses_are_warned_of(run, savedmodels, monkeypatch):
    from kerasgan.serving.server import http_server as server

    monkeypatch.setattr(server, "run", lambda made, bound: bound.close())
    result = run("serve", savedmodels, "--host", "0.0.0.0", "--port", 0)
    assert result.exit_code == 0
    assert "warning: everyone who can reach 0.0.0.0" in result.stderr
    result = run("serve", savedmodels, "--port", 0)
    assert "warning" not in result.stderr
