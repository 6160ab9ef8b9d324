"""The Dockerfile's instructions, in their order, without Docker.

`USER` and what needs the image of `FROM` aside: the commands run in a new
virtual environment, in a folder that has only what `COPY` brings.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
KNOWN = [
    "FROM",
    "WORKDIR",
    "COPY",
    "RUN",
    "ENV",
    "USER",
    "EXPOSE",
    "HEALTHCHECK",
    "CMD",
]


def instructions():
    """The instructions, as pairs of a word and what follows."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    return [line.split(maxsplit=1) for line in lines if line and line[0] != "#"]


def answers(address):
    """Whether a server answers that all is well."""
    try:
        return urllib.request.urlopen(address).status == 200
    except urllib.error.HTTPError:
        return False


def wait_for(condition, seconds=180):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(1)


def test_dockerfile_serves(tmp_path):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    venv, folder = tmp_path / "venv", tmp_path / "image"
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    environment["PATH"] = f"{venv / 'bin'}:{environment['PATH']}"
    allowed = (ROOT / ".dockerignore").read_text("utf-8").split()
    options = {"cwd": folder, "env": environment}
    health = command = None
    for word, rest in instructions():
        assert word in KNOWN, word
        if word == "COPY":
            *sources, target = rest.split()
            for source in sources:
                assert f"!{source}" in allowed, source
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, folder / target)
                else:
                    shutil.copy(ROOT / source, folder / target)
        elif word == "RUN":
            subprocess.run(["sh", "-c", rest], check=True, **options)
        elif word == "ENV":
            name, value = rest.split("=", 1)
            environment[name] = str(tmp_path / Path(value).name)
        elif word == "HEALTHCHECK":
            health = shlex.split(rest.removeprefix("CMD "))
        elif word == "CMD":
            command = json.loads(rest)
    server = subprocess.Popen(command, **options)
    try:
        wait_for(
            lambda: not subprocess.run(health, stderr=-3, **options).returncode
        )
        # Until then models are loaded.
        wait_for(lambda: answers("http://127.0.0.1:8501/readyz"))
        inputs = {"count": 1, "seed": 0, "truncation": 0.0}
        body = json.dumps({"signature_name": "sample", "inputs": inputs})
        address = "http://127.0.0.1:8501/v1/models/dcgan-wn-celeba:predict"
        with urllib.request.urlopen(address, body.encode()) as answer:
            images = json.load(answer)["outputs"]
        assert len(images) == 1 and len(images[0]) == 64
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
