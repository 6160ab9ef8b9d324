import hashlib

import numpy as np
import pytest

from kerasgan.metrics.inception.weights import (
    VARIABLE,
    default_weights,
    find_weights,
    load_inception,
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))


def test_a_partial_file_is_enough(inception_file, whole_inception):
    model, digest = load_inception("mixed_7", inception_file)
    assert digest == hashlib.sha256(inception_file.read_bytes()).hexdigest()
    kernel = np.asarray(model.get_layer("mixed_7_tower_1_conv_4").kernel)
    expected = whole_inception[1]["mixed_7_tower_1_conv_4/kernel"]
    np.testing.assert_array_equal(
        kernel, expected.astype("float16").astype("float32")
    )
    bias = np.asarray(model.get_layer("conv").bias)
    np.testing.assert_array_equal(bias, whole_inception[1]["conv/bias"])


def test_the_same_file_is_loaded_once(inception_file):
    first, _ = load_inception("mixed_7", inception_file)
    assert load_inception("mixed_7", str(inception_file))[0] is first


def test_another_file_under_the_same_name_is_seen(inception_file, tmp_path):
    path = tmp_path / "weights.npz"
    path.write_bytes(inception_file.read_bytes())
    first, digest = load_inception("mixed_7", path)
    arrays = dict(np.load(path))
    arrays["conv/bias"] += 1
    np.savez(path, **arrays)
    second, other = load_inception("mixed_7", path)
    assert other != digest
    change = second.get_layer("conv").bias - first.get_layer("conv").bias
    np.testing.assert_allclose(change, 1, rtol=1e-6)


def test_where_weights_are_looked_for(inception_file, monkeypatch, tmp_path):
    cached = default_weights()
    assert cached.is_relative_to(tmp_path / "cache")
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"cached")
    assert find_weights() == cached
    monkeypatch.setenv(VARIABLE, str(inception_file))
    assert find_weights() == inception_file
    assert find_weights(str(cached)) == cached


def test_no_weights_says_how_to_get_them(monkeypatch):
    with pytest.raises(FileNotFoundError) as caught:
        load_inception()
    for words in (VARIABLE, "convert_inception()", "weights=None"):
        assert words in str(caught.value)
    monkeypatch.setenv(VARIABLE, "gone.npz")
    with pytest.raises(FileNotFoundError, match="gone.npz"):
        load_inception()
    with pytest.raises(FileNotFoundError, match="weights='away.npz'"):
        load_inception(weights="away.npz")


@pytest.mark.parametrize("features", ["pool", "logits"])
def test_a_layer_that_is_missing(features, inception_file):
    with pytest.raises(ValueError) as caught:
        load_inception(features, inception_file)
    for words in (features, "mixed_8_tower", "convert_inception()"):
        assert words in str(caught.value)


def test_an_array_of_another_shape(inception_file, tmp_path):
    arrays = dict(np.load(inception_file))
    arrays["conv_3/kernel"] = arrays["conv_3/kernel"].swapaxes(2, 3)
    np.savez(tmp_path / "turned.npz", **arrays)
    with pytest.raises(ValueError, match=r"conv_3/kernel.*\(1, 1, 80, 64\)"):
        load_inception(weights=tmp_path / "turned.npz")


@pytest.mark.parametrize("kind", ["text", "array", "empty", "cut"])
def test_another_kind_of_file(kind, inception_file, tmp_path):
    path = tmp_path / "weights.npz"
    if kind == "array":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))
    else:
        whole = inception_file.read_bytes()
        path.write_bytes(
            {"text": b"graph", "empty": b"", "cut": whole[:5000]}[kind]
        )
    with pytest.raises(ValueError, match="Expected an .npz"):
        load_inception(weights=path)


def test_bad_features():
    with pytest.raises(ValueError, match="features='2048'"):
        load_inception("2048")
