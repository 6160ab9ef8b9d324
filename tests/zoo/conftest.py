import numpy as np
import pytest
from PIL import Image

from kerasgan.files import sha256
from kerasgan.zoo import Metrics, Recipe, build_networks, catalogue
from kerasgan.zoo.train import train


@pytest.fixture
def recipe():
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
    folder = tmp_path / "zoo"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "folder", lambda: folder)
    return folder


@pytest.fixture
def add_entry(zoo_folder, recipe):
    """A function that adds an entry, with random weights if asked for."""

    def add(name, weights=False, folder=zoo_folder):
        entry = folder / name
        entry.mkdir(parents=True)
        named = recipe.override("name", name)
        (entry / "recipe.yaml").write_text(named.to_yaml())
        if weights:
            generator, discriminator = build_networks(recipe)
            generator.save_weights(entry / "generator.weights.h5")
            discriminator.save_weights(entry / "discriminator.weights.h5")
            lines = [
                f"{sha256(path)}  {path.name}" for path in entry.glob("*.h5")
            ]
            (entry / "SHA256SUMS").write_text("\n".join(lines) + "\n")
        return entry

    return add


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(8):
        pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def origin(recipe, pictures, tmp_path):
    """A run of two steps."""
    first = recipe.override_all([("steps", 2), ("batch_size", 4)])
    train(first, pictures, tmp_path / "first")
    return tmp_path / "first"
