"""The same label and seed give the same images, whoever draws them."""

import keras
import numpy as np
import pytest
from needs_tensorflow import tf

import kerasgan
from kerasgan import sampling, serving
from kerasgan.evaluation.inputs import find_measured
from kerasgan.utils.classes import classes_of


@pytest.fixture(scope="module")
def signatures(pets, serve):
    """Calls of the signatures: numbers of the right types -> a numpy array."""
    signatures = serve(pets / "pets" / "1").signatures

    def call(name, **arguments):
        specs = signatures[name].structured_input_signature[1]
        tensors = {
            key: tf.constant(value, specs[key].dtype)
            for key, value in arguments.items()
        }
        (output,) = signatures[name](**tensors).values()
        return output.numpy()

    return call


def draw(count, seed=7, label=-1, truncation=0.0):
    return {
        **{"count": count, "seed": seed},
        **{"truncation": truncation, "label": label},
    }


@pytest.mark.parametrize("label", [None, 0, 2])
def test_images_of_the_saved_model_are_those_of_the_library(
    conditional, signatures, label, assert_same_images
):
    # More than a chunk: the labels of later rows, too.
    expected = kerasgan.sample(conditional, 70, 7, 0.8, label=label)
    asked = draw(70, label=-1 if label is None else label, truncation=0.8)
    found = signatures("sample", **asked)
    assert_same_images(found, expected)
    assert expected.std() > 5
    if label is not None:
        other = kerasgan.sample(conditional, 70, 7, 0.8, label=1)
        assert (other != expected).any()
    files = signatures("sample_png", **{**asked, "count": 2})
    decoded = [tf.io.decode_png(file) for file in files]
    np.testing.assert_array_equal(decoded, found[:2])
    # The ends of the path: any class is that of the seed.
    ends = (label, 1) if label is not None else None
    expected = kerasgan.interpolate(conditional, (4, 9), 6, labels=ends)
    ends = ends or (-1, -1)
    found = signatures("interpolate", seeds=(4, 9), steps=6, labels=ends)
    assert_same_images(found, expected)


def test_the_default_signature_takes_labels(conditional, signatures):
    z, labels = sampling.latents(3, 5), np.int32([2, 0, 2])
    found = signatures("serving_default", latents=z, labels=labels)
    expected = conditional([z, labels], training=False)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_classes_have_names_in_the_saved_model(conditional, signatures, pets):
    names = ["cat", "dog", "Öl, Essig"]
    for label, expected in ((-1, names), (1, ["dog"])):
        found = signatures("classes", label=label)
        assert [name.decode() for name in found] == expected
    # So it is measured as the generator is.
    loaded = find_measured(pets / "pets" / "1").load()
    assert classes_of(loaded).names == tuple(names)
    found = kerasgan.sample(loaded, 3, label="dog")
    expected = kerasgan.sample(conditional, 3, label="dog")
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize(
    "name, arguments, said",
    [
        ("sample", draw(1, label=3), "label must be from -1 to 2"),
        ("sample_png", draw(1, label=-2), "label must be from -1 to 2"),
        (
            "interpolate",
            {"seeds": (0, 1), "steps": 2, "labels": (0, 3)},
            "labels must be from -1 to 2",
        ),
        (
            "serving_default",
            {"latents": np.zeros((2, 5)), "labels": [0, -1]},
            "labels must be from 0 to 2",
        ),
        (
            "serving_default",
            {"latents": np.zeros((2, 5)), "labels": [0]},
            "a label for each of the latents",
        ),
        ("classes", {"label": 3}, "label must be from -1 to 2"),
    ],
)
def test_labels_out_of_range_are_errors_not_zeros(
    signatures, name, arguments, said
):
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        signatures(name, **arguments)


def test_classes_that_cannot_be_mixed_are_not_exported(tmp_path):
    latents, labels = keras.Input((5,)), keras.Input((), dtype="int32")
    rows = keras.layers.Embedding(3, 5)(labels)
    images = keras.layers.Dense(4)(keras.layers.Add()([latents, rows]))
    images = keras.layers.Reshape((2, 2, 1))(images)
    own = keras.Model([latents, labels], images)
    with pytest.raises(ValueError, match="one kerasgan.layers.OneHot alone"):
        serving.export(own, tmp_path, "x")
    assert list(tmp_path.iterdir()) == []
