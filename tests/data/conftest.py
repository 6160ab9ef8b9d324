import io
import os
import zipfile

import numpy as np
import pytest
from PIL import Image


def image(seed, height=20, width=16):
    """A random RGB image, uint8 [height, width, 3]."""
    generator = np.random.default_rng(seed)
    return generator.integers(0, 256, (height, width, 3), np.uint8)


def encoded(pixels, format="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


@pytest.fixture(autouse=True)
def cache_folder(tmp_path, monkeypatch):
    """No test touches the user's cache."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("KERASGAN_CACHE", os.fspath(folder))
    return folder


@pytest.fixture
def make_folder(tmp_path):
    def make(members, name="images"):
        """A folder from `{name: bytes}`."""
        for member, data in members.items():
            path = tmp_path / name / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return tmp_path / name

    return make


@pytest.fixture
def make_zip(tmp_path):
    def make(members, name="images.zip"):
        """A zip from `{name: bytes}`."""
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return make


@pytest.fixture
def pngs():
    """Seven images of 20x16 pixels: `{"00.png": bytes, ...}`."""
    return {f"{i:02d}.png": encoded(image(i)) for i in range(7)}


@pytest.fixture
def helpers():
    """`image` and `encoded`, for tests that make images of their own."""

    class Helpers:
        pass

    Helpers.image = staticmethod(image)
    Helpers.encoded = staticmethod(encoded)
    return Helpers
