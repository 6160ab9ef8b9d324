import shutil

import keras
import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.callbacks.network_files import write_networks
from kerasgan.serving import export
from kerasgan.utils.files import sha256

NAME = "dcgan-wn-dots"
Z = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")


def test_weights_are_loaded(add_entry):
    add_entry(NAME, weights=True)
    generator = zoo.load(NAME)
    same, discriminator = zoo.load(NAME, part="both")
    fresh = zoo.load(NAME, weights=False)
    images = np.asarray(generator(Z))
    assert images.shape == (2, 8, 8, 3)
    np.testing.assert_array_equal(images, np.asarray(same(Z)))
    assert np.abs(images - np.asarray(fresh(Z))).max() > 1e-3
    logits = np.asarray(zoo.load(NAME, part="discriminator")(images))
    np.testing.assert_array_equal(logits, np.asarray(discriminator(images)))


def test_networks_are_float32_under_any_policy(add_entry):
    add_entry(NAME, weights=True)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        generator = zoo.load(NAME)
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert {layer.dtype_policy.name for layer in generator.layers} == {
        "float32"
    }


def test_an_entry_without_weights_says_how_to_train_it(add_entry):
    add_entry(NAME)
    command = f"kerasgan train {NAME} --data tfds:dots --output runs/{NAME}"
    with pytest.raises(
        ValueError, match="no weights of its generator"
    ) as caught:
        zoo.load(NAME)
    assert f"`{command}`" in str(caught.value)
    assert zoo.load(NAME, weights=False).name == "generator"


def test_missing_discriminator_weights_do_not_hinder_the_generator(add_entry):
    folder = add_entry(NAME, weights=True)
    (folder / "discriminator.weights.h5").unlink()
    zoo.load(NAME)
    with pytest.raises(ValueError, match="no weights of its discriminator"):
        zoo.load(NAME, part="both")


def test_damaged_weights_are_refused_with_both_digests(add_entry):
    path = add_entry(NAME, weights=True) / "generator.weights.h5"
    content = bytearray(path.read_bytes())
    expected = zoo.find(NAME).folder.joinpath("SHA256SUMS").read_text()
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match="is damaged: expected SHA-256"
    ) as caught:
        zoo.load(NAME)
    words = str(caught.value).replace(",", "").split()
    assert str(path) in words
    assert words[words.index("SHA-256") + 1] in expected
    assert words[-1] not in expected and len(words[-1]) == 64
    zoo.load(NAME, part="discriminator")


@pytest.mark.filterwarnings("ignore:TensorFlow GPU support")
def test_weights_that_are_no_numbers_are_refused(add_entry, tmp_path):
    folder = add_entry(NAME, weights=True)
    networks = zoo.load(NAME, part="both")
    weight = networks[0].weights[-1]
    value = np.zeros(weight.shape)
    value.flat[0] = np.inf
    weight.assign(value)
    name = weight.path
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(FloatingPointError, match=f"{name} is not finite"):
        write_networks(*networks, folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    with pytest.raises(FloatingPointError, match=f"{name} is not finite"):
        export(networks[0], tmp_path, "dots")
    # As an earlier version wrote them.
    networks[0].save_weights(folder / "generator.weights.h5")
    sums = folder / "SHA256SUMS"
    digest = sha256(folder / "generator.weights.h5")
    sums.write_text(f"{digest}  generator.weights.h5\n{sums.read_text()}")
    with pytest.raises(FloatingPointError, match=f"{name} is not finite"):
        zoo.load(NAME)
    # The other network is there, but whoever loads it hears of it.
    with pytest.warns(UserWarning, match="generator.weights.h5 .* diverged"):
        zoo.load(NAME, part="discriminator")
    discriminator = folder / "discriminator.weights.h5"
    shutil.move(folder / "generator.weights.h5", discriminator)
    for file in ("generator.weights.h5", "SHA256SUMS"):
        (folder / file).write_bytes(before[file])
    with pytest.warns(
        UserWarning, match="discriminator.weights.h5 .* diverged"
    ):
        zoo.load(NAME)
    discriminator.write_bytes(b"damaged")
    zoo.load(NAME)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda t: t.replace("  gen", " gen"), "line .: expected 64 hex"),
        (lambda t: t.replace("\n", "\n\n", 1), "line 2: expected 64"),
        (lambda t: t.replace("generator", "ganerator"), "has no line for gen"),
        (lambda t: t[:64].upper() + t[64:], "line .: expected 64 hex"),
    ],
)
def test_damaged_checksums_are_refused(add_entry, tmp_path, change, message):
    folder = add_entry(NAME, weights=True, folder=tmp_path / "runs")
    sums = folder / "SHA256SUMS"
    text = sums.read_text()
    sums.write_text(change(text))
    with pytest.raises(ValueError, match=message):
        zoo.check_weights(folder)
    # While a file is replaced there are both digests.
    digest = sha256(folder / "generator.weights.h5")
    for order in ((digest, "0" * 64), ("0" * 64, digest)):
        lines = [f"{one}  generator.weights.h5\n" for one in order]
        sums.write_text("".join(lines))
        zoo.check_weights(folder)


def test_an_entry_of_the_zoo_must_have_checksums(add_entry):
    folder = add_entry(NAME, weights=True)
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(
        ValueError, match="has no line for generator.weights.h5"
    ):
        zoo.load(NAME)
    # The same folder by its path is a run, which those of before may lack.
    assert zoo.load(folder).name == "generator"
    zoo.find(folder).recipe().save(folder / "recipe.yaml")
    with pytest.warns(UserWarning, match="SHA256SUMS is missing, .* resume"):
        zoo.load(folder)


def test_checksums_of_a_run_folder_are_checked_when_present(
    add_entry, tmp_path
):
    folder = add_entry(NAME, weights=True, folder=tmp_path / "runs")
    zoo.load(folder)
    with open(folder / "generator.weights.h5", "ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match="is damaged"):
        zoo.load(folder)


# Keras says it, too, before our line.
@pytest.mark.filterwarnings("ignore:Skipping")
def test_weights_of_another_network_are_refused_in_one_line(
    add_entry, recipe, tmp_path
):
    folder = add_entry(NAME, weights=True, folder=tmp_path / "runs")
    (folder / "recipe.yaml").write_text(
        recipe.override("features", 3).to_yaml()
    )
    with pytest.raises(ValueError, match="does not hold the weights") as caught:
        zoo.load(folder)
    assert "\n" not in str(caught.value)


def test_what_is_no_weights_file_is_refused_in_one_line(add_entry, tmp_path):
    folder = add_entry(NAME, folder=tmp_path / "runs")
    (folder / "generator.weights.h5").write_bytes(b"no HDF5")
    with pytest.raises(ValueError, match="does not hold the weights") as caught:
        zoo.load(folder)
    assert "\n" not in str(caught.value)


def test_an_unknown_part_is_refused(add_entry):
    add_entry(NAME)
    with pytest.raises(ValueError, match="Received: part='critic'"):
        zoo.load(NAME, part="critic")
