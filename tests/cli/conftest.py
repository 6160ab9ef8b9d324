import pytest

from kerasgan import zoo
from kerasgan.utils.files import sha256
from kerasgan.zoo import catalogue

NAME = "dcgan-wn-dots"


def _recipe():
    return zoo.recipe("dcgan-wn-celeba").override_all(
        [
            ("name", NAME),
            ("image_shape", [8, 8, 3]),
            ("latent_dim", 4),
            ("features", 2),
            ("image_size", 8),
            ("crop", None),
        ]
    )


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """Weights of a tiny generator, made once."""
    path = tmp_path_factory.mktemp("weights") / "generator.weights.h5"
    generator, _ = zoo.build_networks(_recipe())
    generator.save_weights(path)
    return path.read_bytes()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder, and a zoo of two tiny entries, one with weights."""
    recipe = _recipe()
    folder = tmp_path / "zoo"
    for name in (NAME, "dcgan-wn-untrained"):
        (folder / name).mkdir(parents=True)
        text = recipe.override("name", name).to_yaml()
        (folder / name / "recipe.yaml").write_text(text)
    monkeypatch.setattr(catalogue, "folder", lambda: folder)
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    working = tmp_path / "here"
    working.mkdir()
    monkeypatch.chdir(working)
    return working


@pytest.fixture
def entry(here, weights):
    """The folder of the entry with weights."""
    folder = catalogue.folder() / NAME
    path = folder / "generator.weights.h5"
    path.write_bytes(weights)
    (folder / "SHA256SUMS").write_text(f"{sha256(path)}  {path.name}\n")
    return folder


@pytest.fixture
def run(here):
    """A function that runs a command in this process."""
    from typer.testing import CliRunner

    from kerasgan.cli import app

    def call(*arguments):
        return CliRunner().invoke(
            app, [str(argument) for argument in arguments]
        )

    return call
