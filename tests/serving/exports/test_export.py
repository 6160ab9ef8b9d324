import contextlib
import hashlib
import io
import os
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
from needs_tensorflow import tf
from tensorflow.core.protobuf import saved_model_pb2

from kerasgan import serving
from kerasgan.architectures import dcgan
from kerasgan.serving.exports import saved_model


def test_the_variables_are_stored_once(trained, tmp_path):
    generator, _ = dcgan((16, 16, 3), 32, 32, "weight")
    path = serving.export(generator, tmp_path, "x")
    size = sum(file.stat().st_size for file in path.glob("variables/*.data-*"))
    weights = 4 * serving.fold(generator).count_params()
    assert weights <= size < 1.02 * weights + 4096
    stored = tf.train.list_variables(str(path / "variables" / "variables"))
    names = [name for name, _ in stored]
    assert any("level_0_transposed.Skernel" in name for name in names)
    # Nor does the graph hold them.
    assert (path / "saved_model.pb").stat().st_size < weights
    assert (path / "fingerprint.pb").is_file()


def test_signatures_and_devices(path):
    """What a client and a server without Python see, from the file itself."""
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    (graph,) = model.meta_graphs
    assert list(graph.meta_info_def.tags) == ["serve"]
    methods = {
        name: signature.method_name
        for name, signature in graph.signature_def.items()
        if name != "__saved_model_init_op"
    }
    names = ("serving_default", "sample", "sample_png", "interpolate")
    assert methods == dict.fromkeys(names, "tensorflow/serving/predict")
    nodes = [
        *graph.graph_def.node,
        *(n for f in graph.graph_def.library.function for n in f.node_def),
    ]
    # A server has a GPU or not: the network goes where it can.
    assert {n.device for n in nodes} <= {"", "/device:CPU:0", "/device:CPU:*"}
    network = {"Conv2DBackpropInput", "MatMul", "BiasAdd", "Tanh"}
    placed = {n.op for n in nodes if n.device and n.op in network}
    assert {n.op for n in nodes} >= network - {"Tanh"}
    # The product that is left is that of two latents, in slerp.
    assert placed <= {"MatMul"}


def test_documents_travel_and_a_server_that_polls_sees_whole_versions(
    generator, path, trained, tmp_path
):
    base, seen, done = tmp_path / "faces", [], threading.Event()

    def poll():
        while not done.is_set():
            for folder in base.glob("[0-9]*"):
                files = (p for p in folder.rglob("*") if p.is_file())
                seen.append({p.relative_to(folder).as_posix() for p in files})
                return

    documents = {"README.md": "# Überschrift\n", "samples.png": b"\x89PNG"}
    thread = threading.Thread(target=poll)
    thread.start()
    try:
        same = serving.export(generator, tmp_path, "faces", documents=documents)
        thread.join(timeout=10)
    finally:
        done.set()
        thread.join()
    lines = (same / "assets.extra" / "SHA256SUMS").read_text().splitlines()
    files = {line.partition("  ")[2] for line in lines}
    assert seen == [files | {"assets.extra/SHA256SUMS"}]
    extra = same / "assets.extra"
    assert (extra / "README.md").read_text("utf-8") == "# Überschrift\n"
    assert (extra / "samples.png").read_bytes() == b"\x89PNG"
    assert "assets.extra/README.md" in files

    # Fingerprints tell weights apart, and nothing else.
    other = keras.models.clone_model(generator)
    other = serving.export(trained(other, 7), tmp_path, "faces")
    first, same, other = (
        tf.saved_model.experimental.read_fingerprint(str(folder))
        for folder in (path, same, other)
    )
    assert first.singleprint() == same.singleprint()
    assert first.signature_def_hash == other.signature_def_hash
    assert first.checkpoint_hash != other.checkpoint_hash


def test_checksums_are_those_of_all_files(path):
    lines = (path / "assets.extra" / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (x.split("  ") for x in lines)}
    files = {
        file.relative_to(path).as_posix(): file
        for file in path.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    }
    assert sums == {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in files.items()
    }
    assert {"saved_model.pb", "fingerprint.pb"} < set(sums)


@pytest.mark.parametrize(
    "name", ["../x", "", "a/b", "SHA256SUMS", "tf_serving_warmup_requests"]
)
def test_documents_with_other_names_are_refused(generator, tmp_path, name):
    with pytest.raises(ValueError, match="Received: documents="):
        serving.export(generator, tmp_path, "x", documents={name: "text"})
    assert list(tmp_path.iterdir()) == []


def test_saved_model_cli_runs_it(path, served, tmp_path, assert_same_images):
    calls = {
        "sample": ("count=3;seed=5;truncation=0.7", served.sample(3, 5, 0.7)),
        "interpolate": ("seeds=[4,-9];steps=4", served.interpolate((4, -9), 4)),
    }
    for name, (values, expected) in calls.items():
        run_cli(
            "run",
            f"--dir={path}",
            "--tag_set=serve",
            f"--signature_def={name}",
            f"--input_exprs={values}",
            f"--outdir={tmp_path}",
            "--overwrite",
        )
        assert_same_images(np.load(tmp_path / "images.npy"), expected)


def test_versions_count_up_and_are_never_overwritten(
    generator, tmp_path, monkeypatch
):
    def write(generator, path, name, weights, batched):
        (path / "assets.extra").mkdir(parents=True)
        (path / "saved_model.pb").write_bytes(os.urandom(8))

    monkeypatch.setattr(saved_model, "write", write)

    def export(version=None):
        return serving.export(generator, tmp_path / "all", "x", version)

    assert [export().name for _ in range(2)] == ["1", "2"]
    first = export(version=10) / "saved_model.pb"
    before = first.read_bytes()
    assert export().name == "11"
    with pytest.raises(FileExistsError, match="Received: version=10"):
        export(version=10)
    # What else lies there is no version.
    (tmp_path / "all" / "x" / "old").mkdir()
    (tmp_path / "all" / "x" / ".99").mkdir()
    assert export().name == "12"
    assert first.read_bytes() == before
    for version in (0, -1, 1.5, "1", None.__class__):
        with pytest.raises(ValueError, match="Received: version="):
            export(version=version)
    # Several at a time: none is lost.
    threads = [threading.Thread(target=export) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {file.name for file in (tmp_path / "all" / "x").iterdir()}
    assert {"13", "14", "15", "16"} <= names


def test_an_explicit_version_that_appears_meanwhile_is_kept(
    generator, tmp_path, monkeypatch
):
    def write(generator, path, name, weights, batched):
        (path / "assets.extra").mkdir(parents=True)
        (path.parent / "3").mkdir()
        (path.parent / "3" / "saved_model.pb").write_bytes(b"other")

    monkeypatch.setattr(saved_model, "write", write)
    with pytest.raises(FileExistsError, match="Received: version=3"):
        serving.export(generator, tmp_path, "x", version=3)
    assert (tmp_path / "x" / "3" / "saved_model.pb").read_bytes() == b"other"
    assert [file.name for file in (tmp_path / "x").iterdir()] == ["3"]


def test_an_interrupted_export_leaves_nothing(generator, tmp_path, monkeypatch):
    seen = []

    def save(module, path, signatures):
        os.makedirs(f"{path}/variables")
        seen.extend(os.listdir(tmp_path / "x"))
        raise KeyboardInterrupt

    monkeypatch.setattr(tf.saved_model, "save", save)
    with pytest.raises(KeyboardInterrupt):
        serving.export(generator, tmp_path, "x")
    # Neither now nor in between, or after a power failure, is it a version.
    assert len(seen) == 1 and seen[0].startswith(".")
    assert list((tmp_path / "x").iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "../x"])
def test_names_that_lead_elsewhere_are_refused(generator, tmp_path, name):
    with pytest.raises(ValueError, match="Received: name="):
        serving.export(generator, tmp_path / "all", name)
    assert not (tmp_path / "all").exists()


def test_models_that_are_no_generators_are_refused(generator, tmp_path):
    _, discriminator = dcgan((8, 8, 3), 5, 4)
    with pytest.raises(ValueError, match="Received: input_shape="):
        serving.export(discriminator, tmp_path, "x")
    flat = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"Received: output_shape=\(None, 3\)"):
        serving.export(flat, tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_without_tensorflow_the_error_says_so(generator, tmp_path, monkeypatch):
    from importlib import util

    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install tensorflow"):
        serving.export(generator, tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def run_cli(command, *arguments):
    """What TensorFlow's `saved_model_cli` prints."""
    from absl import flags
    from absl.testing import flagsaver
    from tensorflow.python.tools import saved_model_cli

    # In this process: a new one takes seconds to start.
    with flagsaver.flagsaver():
        flags.FLAGS(["saved_model_cli", *map(str, arguments)])
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            getattr(saved_model_cli, command)()
    return printed.getvalue()


def run_python(folder, code, *arguments, **environment):
    """What a new Python process prints last, with what goes wrong in it."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.integration
def test_it_loads_without_kerasgan_and_keras(
    path, served, tmp_path, assert_same_images
):
    for package in ("kerasgan", "keras"):
        (tmp_path / package).mkdir()
        stub = tmp_path / package / "__init__.py"
        stub.write_text(f"raise ImportError('there is no {package}')")
    code = """
import sys
import numpy as np
import tensorflow as tf

loaded = tf.saved_model.load(sys.argv[1])
images = loaded.signatures["sample"](
    count=tf.constant(3),
    seed=tf.constant(5, tf.int64),
    truncation=tf.constant(0.0),
)["images"]
np.save(sys.argv[2], images)
for package in ("kerasgan", "keras"):
    try:
        __import__(package)
    except ImportError:
        continue
    raise AssertionError(package)
print("fine")
"""
    file = tmp_path / "images.npy"
    said = run_python(tmp_path, code, path, file, PYTHONPATH=str(tmp_path))
    assert said == "fine"
    assert_same_images(np.load(file), served.sample(3, 5))


@pytest.mark.integration
def test_export_from_the_jax_backend(generator, tmp_path, serve):
    pytest.importorskip("jax", reason="JAX is not installed")
    generator.save(tmp_path / "generator.keras")
    code = """
import sys
import keras
import numpy as np
import kerasgan.layers
from kerasgan import sampling, serving

assert keras.backend.backend() == "jax" and "tensorflow" not in sys.modules
generator = keras.saving.load_model(sys.argv[1], compile=False)
latents = sampling.latents(6, 5, seed=8)
np.savez(sys.argv[2], generator(latents), latents)
path = serving.export(
    generator,
    sys.argv[3],
    "x",
    version=4,
    batched=True,
    documents={"README.md": "# x"},
)
print(path)
"""
    path = run_python(
        tmp_path,
        code,
        tmp_path / "generator.keras",
        tmp_path / "images.npz",
        tmp_path / "models",
        KERAS_BACKEND="jax",
        PYTHONPATH=os.pathsep.join(sys.path),
    )
    assert path == str(tmp_path / "models" / "x" / "4")
    assert os.listdir(tmp_path / "models" / "x") == ["4"]
    expected, latents = np.load(tmp_path / "images.npz").values()
    other = serve(path)
    found = other.default(latents)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    # The options went along to the process of TensorFlow.
    assert set(other.signatures) == {"serving_default"}
    assert sorted(os.listdir(f"{path}/assets.extra")) == [
        "README.md",
        "SHA256SUMS",
        "tf_serving_warmup_requests",
    ]
