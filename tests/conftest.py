import hashlib
import os

import keras
import numpy as np
import pytest
from portable import is_portable


@pytest.fixture
def on_tensorflow():
    """For tests of what the TensorFlow backend alone can do."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("needs the TensorFlow backend")


@pytest.fixture(scope="session")
def without_tensorflow(tmp_path_factory):
    """The environment of a process on JAX in which no TensorFlow is found."""
    pytest.importorskip("jax", reason="runs on the JAX backend")
    folder = tmp_path_factory.mktemp("stubs")
    (folder / "tensorflow.py").write_text(
        "raise ImportError('there is no TensorFlow here')"
    )
    path = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "PYTHONPATH": os.pathsep.join([str(folder), *([path] if path else [])]),
        # Tiny networks take longer to compile than to run, and the same ones
        # are compiled again and again.
        "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "XLA_FLAGS": "--xla_backend_optimization_level=0 "
        "--xla_llvm_disable_expensive_passes=true",
    }


@pytest.fixture
def gradients():
    """Automatic differentiation on either backend, for tests."""
    return _gradients


def _gradients(function, *arrays):
    """Gradients of the scalar `function(*tensors)` by each array, as numpy."""
    if keras.backend.backend() == "jax":
        import jax

        tensors = [jax.numpy.asarray(a) for a in arrays]
        # Compiled as a whole, which takes less time than op by op.
        gradient = jax.jit(jax.grad(function, tuple(range(len(tensors)))))
        found = gradient(*tensors)
    else:
        import tensorflow as tf

        tensors = [tf.constant(a) for a in arrays]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            value = function(*tensors)
        found = tape.gradient(value, tensors, unconnected_gradients="zero")
    return [np.asarray(g) for g in found]


def pytest_collection_modifyitems(items):
    for item in items:
        if is_portable(item.path) and not item.get_closest_marker(
            "one_backend"
        ):
            item.add_marker("both_backends")


@pytest.fixture
def uninitialized():
    """No variable gets a value, for what asks for shapes alone."""
    with keras.StatelessScope(initialize_variables=False):
        yield


@pytest.fixture
def recipe():
    from kerasgan.zoo import Recipe

    return Recipe.from_dict(
        {
            "name": "dcgan-wn-dots",
            "summary": "Dots",
            "architecture": {
                "kind": "dcgan",
                "image_shape": [8, 8, 3],
                "latent_dim": 4,
                "features": 2,
            },
            "data": {
                "source": "tfds:dots",
                "image_size": 8,
                "licence": "CC0",
                "citation": "Nobody",
            },
            "training": {
                "steps": 10,
                "generator_optimizer": {
                    "name": "adam",
                    "learning_rate": "2e-4",
                },
                "discriminator_optimizer": {
                    "name": "sgd",
                    "learning_rate": 0.1,
                },
            },
            "licence": "MIT",
            "intended_use": "Tests",
            "limits": ["only dots: and few"],
        }
    )


@pytest.fixture
def metrics():
    from kerasgan.zoo import Metrics

    return Metrics.model_validate(
        {
            "name": "dcgan-wn-dots",
            "weights": {"generator.weights.h5": "0" * 64},
            "training": {
                "steps": 1000,
                "batch_size": 32,
                "images": 640,
                "data": "dots, train",
                "device": "two cores",
                "wall_time_s": 3700,
                "steps_per_s": 0.27,
                "kerasgan": "0.1",
                "keras": "3.12",
                "backend": "tensorflow",
            },
            "metrics": [
                {
                    "name": "reconstruction_error",
                    "value": 0.01234567,
                    "spread": {"std": 0.005},
                    "protocol": {"images": 8, "update_steps": 50},
                }
            ],
            "command": "kerasgan evaluate dcgan-wn-dots",
        }
    )


@pytest.fixture
def zoo_folder(tmp_path, monkeypatch):
    """An empty zoo that stands in for the real one."""
    from kerasgan.zoo import catalogue

    folder = tmp_path / "zoo"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "folder", lambda: folder)
    return folder


@pytest.fixture(scope="session")
def weight_files(tmp_path_factory):
    """A function: files of random weights of a recipe's networks, made once."""
    from kerasgan.zoo import build_networks

    made = {}

    def get(recipe):
        if recipe.digest not in made:
            folder = tmp_path_factory.mktemp("weights")
            for network in build_networks(recipe):
                network.save_weights(folder / f"{network.name}.weights.h5")
            made[recipe.digest] = {
                path.name: path.read_bytes() for path in folder.iterdir()
            }
        return made[recipe.digest]

    return get


@pytest.fixture
def add_entry(zoo_folder, recipe, weight_files):
    """A function that adds an entry, with random weights if asked for."""

    def add(name, weights=False, folder=zoo_folder):
        entry = folder / name
        entry.mkdir(parents=True)
        named = recipe.override("name", name)
        (entry / "recipe.yaml").write_text(named.to_yaml())
        if weights:
            lines = []
            for file, data in weight_files(recipe).items():
                (entry / file).write_bytes(data)
                lines.append(f"{hashlib.sha256(data).hexdigest()}  {file}\n")
            (entry / "SHA256SUMS").write_text("".join(lines))
        return entry

    return add


@pytest.fixture
def image_folder(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "images"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(8):
        pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def origin(recipe, image_folder, tmp_path):
    """A run of two steps."""
    from kerasgan.training.trainer import train

    first = recipe.override_all([("steps", 2), ("batch_size", 4)])
    train(first, image_folder, tmp_path / "first")
    return tmp_path / "first"
