"""Trainings on several devices and by several processes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import h5py
import keras
import numpy as np
import pytest
from PIL import Image

from kerasgan.training.distribution import (
    DISTRIBUTIONS,
    Workers,
    check_distribution,
)
from kerasgan.training.jax_relay import LOST, leave
from kerasgan.utils.locks import acquire

RECIPE = """
name: dcgan-bn-dots
summary: Dots
architecture:
  {kind: dcgan, image_shape: [16, 16, 3], latent_dim: 4, features: 2,
   normalization: batch, dropout: 0.2}
data: {source: dots, image_size: 16, licence: CC0, citation: Nobody}
training:
  steps: 8
  batch_size: 4
  discriminator_steps: 2
  augmentation: {name: adaptive_augment, ramp: 100, interval: 2}
  generator_optimizer: {name: sgd, learning_rate: 1.0e-2}
  discriminator_optimizer: {name: sgd, learning_rate: 1.0e-2}
licence: MIT
intended_use: Tests
limits: [only dots]
"""
# How often each worker is killed, and all are stopped.
KILLS = 10
# The command line in a process with two devices.
TWO_DEVICES = """
import keras
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
from kerasgan.cli import main
main()
"""


@pytest.mark.parametrize(
    "name, text",
    [
        ("both", "Expected one of mirrored, multiworker, data-parallel"),
        ("multiworker", "TF_CONFIG, such as .* Received: TF_CONFIG='{}'"),
        ("data-parallel", "needs KERAS_BACKEND=jax; .*mirrored and multiwork"),
    ],
)
def test_what_cannot_be_is_one_line(on_tensorflow, monkeypatch, name, text):
    monkeypatch.setenv("TF_CONFIG", "{}")
    with pytest.raises(ValueError, match=text):
        check_distribution(name)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    (tmp_path / "dots").mkdir()
    for i in range(24):
        corners = Image.fromarray(rng.integers(0, 256, (2, 2, 3), np.uint8))
        corners.resize((16, 16)).save(tmp_path / "dots" / f"{i:02d}.png")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path


def arguments(output, *more):
    words = "train recipe.yaml --data dots --log-every 4 --sample-every 4"
    words += f" --checkpoint-every 4 --measure none -o {output}"
    return [*words.split(), *more]


@contextlib.contextmanager
def started(code, words, **environment):
    """A process, which does not outlive the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run(code, words, **environment):
    with started(code, words, **environment) as process:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors[-3000:]


def arrays(output):
    """All that a checkpoint has, by name."""
    found = {}

    def keep(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item[()], "float64")

    with h5py.File(output / "checkpoint.weights.h5") as file:
        file.visititems(keep)
    return found


def assert_equal(output, other):
    one, two = arrays(output), arrays(other)
    assert one.keys() == two.keys() and one
    for name in one:
        np.testing.assert_allclose(one[name], two[name], atol=1e-4, rtol=0)


def files(output):
    """The files of a run, but for the grids of each step."""
    return {p.name for p in output.rglob("*") if p.parent.name != "samples"}


@pytest.mark.integration
def test_two_devices_train_as_one_and_one_resumes(folder):
    backend = keras.backend.backend()
    how = next(name for name, of in DISTRIBUTIONS.items() if of == backend)
    flags = os.environ.get("XLA_FLAGS", "")
    flags += " --xla_force_host_platform_device_count=2"
    run(
        TWO_DEVICES,
        arguments("two", "--distribute", how),
        XLA_FLAGS=flags if backend == "jax" else "",
    )
    assert json.loads((folder / "two/training.json").read_text())[
        "device"
    ].startswith("2 x ")
    one = "from kerasgan.cli import main; main()"
    run(one, arguments("two", "--resume", "--steps", "12"))
    run(one, arguments("one", "--steps", "12"))
    assert_equal(folder / "one", folder / "two")
    assert files(folder / "one") == files(folder / "two")


@pytest.mark.one_backend
def test_a_worker_leaves_though_nobody_reads_its_output(monkeypatch):
    class Closed:
        def flush(self):
            raise BrokenPipeError

    left = []
    monkeypatch.setattr(os, "_exit", left.append)
    monkeypatch.setattr(sys, "stdout", Closed())
    leave()
    assert left == [1]


@pytest.mark.one_backend
def test_folders_of_killed_workers_are_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("killed", "new", "running"):
        lock = tmp_path / f"kerasgan-worker-{name}" / ".lock"
        lock.parent.mkdir()
        lock.touch()
        if name != "new":
            os.utime(lock, (0, 0))
    running = acquire(lock)
    os.utime(lock, (0, 0))
    with Workers(chief=False).own_folder(tmp_path / "run") as folder:
        assert folder.is_dir()
    os.close(running)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"kerasgan-worker-new", "kerasgan-worker-running"}


def workers(backend, words):
    """Two processes on loopback."""
    stack = contextlib.ExitStack()
    sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    hosts = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    stack.close()
    how = "multiworker" if backend == "tensorflow" else "data-parallel"
    processes = []
    for i in range(2):
        task = {"type": "worker", "index": i}
        process = started(
            "from kerasgan.cli import main; main()",
            [*words, "--distribute", how],
            KERAS_BACKEND=backend,
            TF_CONFIG=json.dumps({"cluster": {"worker": hosts}, "task": task}),
            KERAS_DISTRIBUTION_JOB_ADDRESSES=hosts[0],
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_PROCESS_ID=str(i),
        )
        processes.append(stack.enter_context(process))
    return stack, processes


def wait_for(file, process):
    begun = time.monotonic()
    while not file.exists() and time.monotonic() - begun < 300:
        assert process.poll() is None, process.stderr.read()[-3000:]
        time.sleep(0.1)
    assert file.exists()


def assert_lost(process):
    """Asserts that a process ends as it must when another has gone."""
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 1, errors[-3000:]
    assert f"kerasgan: error: {LOST}" in errors.splitlines()[-1]
    for text in ("Traceback", "Terminating process", "terminate called"):
        assert text not in errors


@pytest.mark.slow
@pytest.mark.one_backend
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_killed_worker_ends_the_other_and_one_resumes(folder, backend):
    pytest.importorskip(backend)
    endless = arguments("two", "--steps", "1000000")
    stack, (chief, other) = workers(backend, endless)
    with stack:
        wait_for(folder / "two" / "checkpoint.weights.h5", chief)
        other.kill()
        assert_lost(chief)
    lines = (folder / "two" / "log.jsonl").read_text().splitlines()
    steps = str(json.loads(lines[-1])["step"] + 4)
    one = "from kerasgan.cli import main; main()"
    for output in ("two", "one"):
        words = arguments(output, "--resume", "--steps", steps)
        run(one, words, KERAS_BACKEND=backend)
    assert_equal(folder / "one", folder / "two")
    assert files(folder / "one") == files(folder / "two")


@pytest.fixture
def quick_jax(without_tensorflow, monkeypatch):
    """Lets workers of JAX start in a few seconds."""
    for name, value in without_tensorflow.items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
@pytest.mark.one_backend
@pytest.mark.usefixtures("quick_jax")
@pytest.mark.parametrize("killed", ["first", "other"])
def test_whichever_worker_of_jax_is_killed_the_other_ends(folder, killed):
    rng = np.random.default_rng(0)
    for kill in range(KILLS):
        words = arguments(f"run{kill}", "--steps", "1000000")
        stack, processes = workers("jax", words)
        with stack:
            log = folder / f"run{kill}" / "log.jsonl"
            # At any time from the beginning of the training on.
            wait_for(log.with_name("recipe.yaml"), processes[0])
            if kill:
                wait_for(log, processes[0])
                time.sleep(rng.uniform(0, 2))
            processes.pop(killed == "other").kill()
            begun = time.monotonic()
            assert_lost(processes[0])
        print(f"{killed} killed: ended after {time.monotonic() - begun:.1f} s")


def stopped(processes):
    """Exit codes of processes that all get SIGTERM."""
    for process in processes:
        process.terminate()
    codes = []
    for process in processes:
        _, errors = process.communicate(timeout=90)
        assert process.returncode != 1 or LOST in errors, errors[-3000:]
        codes.append(process.returncode)
    print(f"SIGTERM: {codes}")
    return codes


@pytest.mark.slow
@pytest.mark.one_backend
@pytest.mark.usefixtures("quick_jax")
def test_workers_of_jax_end_by_sigterm_at_any_moment(folder):
    run_folder = folder / "run"
    words = arguments("run", "--steps", "1000000", "--resume")
    begun = time.monotonic()
    stack, processes = workers("jax", words)
    with stack:
        # JAX has just been initialized, which had its own handler.
        wait_for(run_folder / ".lock", processes[0])
        duration = time.monotonic() - begun
        assert stopped(processes) == [-signal.SIGTERM] * 2
    for i in range(KILLS - 4):
        stack, processes = workers("jax", words)
        with stack:
            time.sleep(duration * 1.5 * (i + 0.5) / (KILLS - 4))
            # Before the first step, after one, or while the other ended.
            assert {*stopped(processes)} <= {-signal.SIGTERM, 130, 1}
    for i in range(3):
        before = time.time()
        stack, processes = workers("jax", words)
        with stack:
            while not any(
                path.stat().st_mtime > before
                for path in run_folder.glob("log.jsonl")
            ):
                assert processes[0].poll() is None
                time.sleep(0.1)
            time.sleep(i / 2)
            assert stopped(processes) == [130, 130]
    recorded = json.loads((run_folder / "training.json").read_text())
    steps = str(recorded["steps"] + 4)
    one = "from kerasgan.cli import main; main()"
    run(one, arguments("run", "--resume", "--steps", steps))


@pytest.mark.slow
@pytest.mark.one_backend
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_processes_train_as_one(folder, backend):
    pytest.importorskip(backend)
    stack, processes = workers(backend, arguments("two"))
    with stack:
        for process in processes:
            _, errors = process.communicate(timeout=300)
            assert process.returncode == 0, errors[-3000:]
    one = "from kerasgan.cli import main; main()"
    run(one, arguments("one"), KERAS_BACKEND=backend)
    assert_equal(folder / "one", folder / "two")
    assert files(folder / "one") == files(folder / "two")
