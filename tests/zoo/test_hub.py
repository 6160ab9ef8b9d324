"""The Hub, by its own client, against a local server of its HTTP interface."""

import hashlib
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest

pytest.importorskip("huggingface_hub", reason="needs kerasgan[hub]")

import huggingface_hub
from hub_server import Server
from huggingface_hub import constants

import kerasgan
from kerasgan import zoo
from kerasgan.utils.files import sha256

# Of the client's uploads.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=")
NAME = "dcgan-wn-dots"
REPOSITORY = "hf://ann/dots"
FILES = {
    *("README.md", "SHA256SUMS", "config.json", "discriminator.weights.h5"),
    *("metadata.json", "model.weights.h5", "recipe.yaml", "samples.png"),
}


@pytest.fixture
def configure(monkeypatch):
    """A function that sets what the client reads of the environment at import."""

    def set_(**values):
        for name, value in values.items():
            monkeypatch.setattr(constants, name, value)

    return set_


@pytest.fixture
def hub(tmp_path, monkeypatch, configure):
    monkeypatch.setenv("HF_TOKEN", "hf_write")
    with Server() as server:
        configure(
            ENDPOINT=server.url,
            HUGGINGFACE_CO_URL_TEMPLATE=server.url
            + "/{repo_id}/resolve/{revision}/{filename}",
            HF_HUB_CACHE=str(tmp_path / "hub"),
            HF_TOKEN_PATH=str(tmp_path / "token"),
            HF_HUB_DISABLE_XET=True,
        )
        yield server


@pytest.fixture
def entry(add_entry):
    return add_entry(NAME, weights=True)


@pytest.fixture
def pushed(hub, entry):
    """What is in the repository of a tiny model, to be changed by a test."""
    zoo.push(NAME, REPOSITORY)
    return hub.repositories["ann/dots"].files


def images(generator):
    return kerasgan.sample(generator, 3, seed=1)


def test_what_is_pushed_is_loaded_by_kerasgan_and_by_keras(hub, entry, capfd):
    zoo.ship(NAME, NAME)  # In float16.
    first = zoo.push(NAME, REPOSITORY)
    repository = hub.repositories["ann/dots"]
    assert {*repository.files} == FILES and not repository.private
    weights = (entry / "generator.weights.h5").read_bytes()
    assert repository.files["model.weights.h5"] == weights
    sums = repository.files["SHA256SUMS"].decode().splitlines()
    assert sorted(sums) == sorted(
        f"{hashlib.sha256(repository.files[name]).hexdigest()}  {name}"
        for name in FILES - {"README.md", "SHA256SUMS"}
    )
    # What is there and not kerasgan's stays, and is not downloaded.
    repository.files["evil.pkl"] = b"import os"
    before, after = zoo.load(NAME, "both"), zoo.load(REPOSITORY, "both")
    expected = images(before[0])
    np.testing.assert_array_equal(images(after[0]), expected)
    np.testing.assert_array_equal(
        before[1].get_weights()[0], after[1].get_weights()[0]
    )
    folder = zoo.find(REPOSITORY).folder
    assert {path.name for path in folder.iterdir()} == FILES - {
        "config.json",
        "metadata.json",
    }
    # A copy of the repository is a run directory.
    shutil.copytree(folder, entry.parents[1] / "clone")
    assert zoo.find(entry.parents[1] / "clone").pretrained
    (folder / "evil.pkl").unlink(missing_ok=True)
    keras_model = keras.saving.load_model(REPOSITORY)
    np.testing.assert_array_equal(images(keras_model), expected)
    assert "B/s" not in capfd.readouterr().err.replace("\r", "")

    values = before[0].get_weights()
    before[0].set_weights([value * 0.5 for value in values])
    before[0].save_weights(entry / "generator.weights.h5")
    digest = sha256(entry / "generator.weights.h5")
    text = (entry / "SHA256SUMS").read_text()
    old = hashlib.sha256(weights).hexdigest()
    (entry / "SHA256SUMS").write_text(text.replace(old, digest))
    second = zoo.push(NAME, REPOSITORY, message="Half")
    assert second != first
    assert "evil.pkl" in repository.files
    halved = zoo.load(REPOSITORY).get_weights()
    np.testing.assert_array_equal(halved[0], values[0] * 0.5)
    pinned = zoo.load(first).get_weights()
    np.testing.assert_array_equal(pinned[0], values[0])


def test_the_card_has_what_the_hub_reads(hub, entry, metrics):
    digest = sha256(entry / "generator.weights.h5")
    measured = metrics.model_copy(
        update={"weights": {"generator.weights.h5": digest}}
    )
    (entry / "metrics.json").write_text(measured.to_json())
    zoo.push(NAME, REPOSITORY)
    files = hub.repositories["ann/dots"].files
    card = huggingface_hub.ModelCard(files["README.md"].decode())
    assert card.data.library_name == "keras"
    assert card.data.license == "mit"
    assert card.data.tags[:3] == ["gan", "kerasgan", "dcgan"]
    (result,) = card.data.eval_results
    assert result.metric_type == "reconstruction_error"
    assert result.metric_value == 0.01234567
    assert f'zoo.load("{REPOSITORY}")' in card.text
    assert f'keras.saving.load_model("{REPOSITORY}")' in card.text
    assert "metrics.json" in files
    assert zoo.read_metrics(REPOSITORY) == measured
    # Numbers of other weights are not published, and those that were go.
    (entry / "metrics.json").write_text(metrics.to_json())
    with pytest.warns(
        UserWarning, match="belongs to other weights and was left out"
    ):
        zoo.push(NAME, REPOSITORY)
    assert "metrics.json" not in hub.repositories["ann/dots"].files


def test_no_folder_of_this_machine_is_published(hub, entry, metrics):
    recipe = zoo.recipe(NAME).override("data.source", "/home/ann/dots")
    recipe.save(entry / "recipe.yaml")
    command = "kerasgan train ~/x.yaml --output=/home/ann/runs/y --data dots"
    record = metrics.training.model_copy(update={"command": command})
    (entry / "training.json").write_text(record.to_json())
    zoo.push(NAME, REPOSITORY)
    files = hub.repositories["ann/dots"].files
    text = b"".join(
        v for k, v in files.items() if k.endswith((".md", ".yaml", "json"))
    )
    assert b"/ann/runs" not in text and b"~" not in text
    assert b"home/" not in text
    assert b"train x.yaml --output=y --data dots" in files["training.json"]


@pytest.mark.parametrize(
    "name, token, expected",
    [
        ("hf://ann", None, "Expected hf://USER/NAME, or"),
        ("hf://ann/none", None, "there is no hf://ann/none, or it is private"),
        ("hf://ann/none", "hf_read", "there is no hf://ann/none, or it is"),
        ("hf://ann/none@v1", None, "there is no hf://ann/none, or"),
        ("hf://ann/secret", None, "there is no hf://ann/secret, or it is priv"),
        ("hf://ann/dots@v1", None, "no branch, tag or commit of that name"),
        (f"hf://ann/dots@{'1' * 40}", None, "no branch, tag or commit of that"),
        ("hf://ann/keras", None, "hf://ann/keras has no recipe.yaml"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(
    hub, monkeypatch, name, token, expected
):
    api = huggingface_hub.HfApi()
    for repository in ("dots", "secret", "keras"):
        api.create_repo(f"ann/{repository}", private=repository == "secret")
    hub.repositories["ann/keras"].files["config.json"] = b"{}"
    if token is None:
        monkeypatch.delenv("HF_TOKEN")
    else:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ValueError) as caught:
        zoo.load(name)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "token, options, expected",
    [
        (None, {}, "no Hugging Face token with write access to"),
        ("hf_read", {"repository": "hf://ann/new"}, "it needs write access"),
        ("hf_wrong", {}, r"rejects the token for hf://ann/dots \(HTTP 401\)"),
        ("hf_write", {"private": True}, "hf://ann/dots is public"),
        ("hf_write", {"repository": "ann/dots"}, "Expected hf://USER/NAME"),
        (
            "hf_write",
            {"repository": f"{REPOSITORY}@main"},
            "without a revision",
        ),
    ],
)
def test_what_cannot_be_pushed_is_one_line(
    hub, entry, monkeypatch, token, options, expected
):
    huggingface_hub.HfApi().create_repo("ann/dots")
    if token is None:
        monkeypatch.delenv("HF_TOKEN")
    else:
        monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ValueError, match=expected) as caught:
        zoo.push(NAME, **{"repository": REPOSITORY, **options})
    assert "\n" not in str(caught.value)
    assert [*hub.repositories] == ["ann/dots"]
    assert not hub.repositories["ann/dots"].files


def test_a_private_repository_is_made_and_read(hub, entry):
    zoo.push(NAME, REPOSITORY, private=True)
    assert hub.repositories["ann/dots"].private
    zoo.push(NAME, REPOSITORY, private=True)
    assert zoo.find(REPOSITORY).pretrained


def test_without_a_network_the_cache_serves(hub, pushed, configure):
    zoo.find(REPOSITORY)
    for setting, reason in (
        ({"HF_HUB_OFFLINE": True}, "HF_HUB_OFFLINE=1 forbids it"),
        (
            {"HF_HUB_OFFLINE": False, "ENDPOINT": "http://127.0.0.1:9"},
            "refused",
        ),
    ):
        configure(**setting)
        huggingface_hub.close_session()
        zoo.check_weights(REPOSITORY)
        with pytest.raises(ConnectionError, match="not in the cache") as caught:
            zoo.load("hf://ann/other")
        assert reason in str(caught.value) and "\n" not in str(caught.value)
        with pytest.raises(ConnectionError) as caught:
            zoo.push(NAME, REPOSITORY)
        assert "\n" not in str(caught.value)
    huggingface_hub.close_session()


@pytest.mark.parametrize(
    "file", ["model.weights.h5", "recipe.yaml", "discriminator.weights.h5"]
)
def test_what_is_damaged_is_rejected(pushed, file):
    pushed[file] += b"\n"
    zoo.load(REPOSITORY, weights=False)
    with pytest.raises(ValueError, match=f"{file} is damaged") as caught:
        zoo.load(REPOSITORY, "both")
    assert "and load it again" in str(caught.value)


def test_checksums_are_needed(pushed):
    del pushed["SHA256SUMS"]
    with pytest.raises(ValueError, match="no line for model.weights.h5"):
        zoo.load(REPOSITORY)


def test_weights_that_are_not_finite_are_neither_pushed_nor_loaded(
    hub, entry, pushed
):
    good, path = pushed["model.weights.h5"], entry / "generator.weights.h5"
    generator = zoo.load(NAME)
    values = generator.get_weights()
    values[0].flat[0] = np.nan
    generator.set_weights(values)
    generator.save_weights(path)
    bad = path.read_bytes()
    digests = [hashlib.sha256(data).hexdigest() for data in (good, bad)]
    sums = pushed["SHA256SUMS"].decode().replace(*digests)
    pushed["SHA256SUMS"], pushed["model.weights.h5"] = sums.encode(), bad
    with pytest.raises(FloatingPointError, match="is not finite"):
        zoo.load(REPOSITORY)
    text = (entry / "SHA256SUMS").read_text().replace(*digests)
    (entry / "SHA256SUMS").write_text(text)
    with pytest.raises(FloatingPointError, match="is not finite"):
        zoo.push(NAME, "hf://ann/diverged")
    assert [*hub.repositories] == ["ann/dots"]


def test_without_the_client_a_line_says_how_to_install_it(
    add_entry, monkeypatch
):
    add_entry(NAME, weights=True)
    for module in [*sys.modules]:
        if module.partition(".")[0] == "huggingface_hub":
            monkeypatch.setitem(sys.modules, module, None)
    for call in (zoo.load, lambda name: zoo.push(NAME, name)):
        with pytest.raises(ValueError, match="pip install 'huggingface"):
            call(REPOSITORY)


def test_nothing_is_written_into_the_cache_of_the_client(
    pushed, metrics, hub, tmp_path
):
    """Measurements go elsewhere; a training by the recipe is a run of its own."""
    from kerasgan.evaluation.inputs import find_measured
    from kerasgan.serving.server import model_sources
    from kerasgan.training.adaptation import adapt
    from kerasgan.zoo.catalogue import resolve

    with pytest.raises(ValueError, match="written by zoo.push"):
        zoo.write_card(REPOSITORY)
    pushed["training.json"] = metrics.training.to_json().encode()
    hub.repositories["ann/dots"].commits["1" * 40] = pushed
    measured = find_measured(REPOSITORY)
    assert str(measured.output) == "dots.metrics.json"
    assert measured.measured.parent == zoo.find(REPOSITORY).folder
    assert {*measured.weights} == {
        "generator.weights.h5",
        "discriminator.weights.h5",
    }
    (source,) = model_sources.find([REPOSITORY])
    assert source.name == "dots"
    (tmp_path / "cats").mkdir()
    base = resolve(REPOSITORY)
    adapted = adapt(base, {"data": str(tmp_path / "cats")}, resume=True)
    assert adapted.run.folder.parts == ("runs", "dcgan-wn-cats")
    assert adapted.recipe.licence == "not stated"
    assert adapted.recipe.summary == (
        f"Trained by the recipe of {REPOSITORY} on other images"
    )


@pytest.mark.integration
def test_another_process_on_jax_draws_the_same_images(
    hub, pushed, without_tensorflow, tmp_path
):
    code = (
        "import sys, kerasgan, numpy as np\n"
        "model = kerasgan.zoo.load(sys.argv[1])\n"
        "np.save(sys.argv[2], kerasgan.sample(model, 3, seed=1))\n"
        "kerasgan.zoo.push(sys.argv[1], 'hf://ann/copy')\n"
    )
    path = tmp_path / "images.npy"
    subprocess.run(
        [sys.executable, "-c", code, REPOSITORY, path],
        check=True,
        timeout=120,
        env={
            **without_tensorflow,
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": "hf_write",
            "HF_HOME": str(tmp_path / "other"),
            "HF_HUB_DISABLE_XET": "1",
        },
    )
    expected = images(zoo.load(REPOSITORY)).astype(int)
    assert np.abs(np.load(path) - expected).max() <= 1
    copy = hub.repositories["ann/copy"].files
    assert {*copy} == FILES
    for file in ("model.weights.h5", "recipe.yaml", "config.json"):
        assert copy[file] == pushed[file]
