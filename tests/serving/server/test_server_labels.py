"""Labels of conditional models, over REST."""

import concurrent.futures

import numpy as np
import pytest

import kerasgan
from kerasgan import sampling
from kerasgan.serving.client import Client, ServingError


@pytest.fixture(scope="module")
def labelled(start, pets):
    """The server of `pets` and `rows`, in batches that all requests reach."""
    with start(pets, batch=4, batch_wait=1.0) as server:
        yield server


def draw(label, count=3):
    return {"count": count, "seed": 7, "truncation": 0, "label": label}


def test_labels_by_the_client(labelled, conditional, assert_same_images):
    names = ["cat", "dog", "Öl, Essig"]
    with Client(labelled.url, "pets") as client:
        for label in (None, "dog", 1, np.int64(1), names[2]):
            expected = kerasgan.sample(conditional, 3, 7, 0.9, label=label)
            found = client.sample(3, 7, 0.9, label=label)
            assert_same_images(found, expected)
        assert client.classes() == names
        for labels in (None, "cat", ("cat", 2)):
            expected = kerasgan.interpolate(conditional, steps=4, labels=labels)
            found = client.interpolate(steps=4, labels=labels)
            assert_same_images(found, expected)
        z = np.random.default_rng(0).normal(size=(2, 5))
        expected = conditional([z, np.array([1, 0])], training=False)
        found = client.generate(z, ["dog", 0])
        np.testing.assert_allclose(found, expected, atol=1e-5)
        for call in (
            lambda: client.sample(1, label="bird"),
            lambda: client.sample(1, label=3),
            lambda: client.sample(2, label=[0, 1]),
            lambda: client.interpolate(labels=(0, 1, 2)),
            lambda: client.generate(z, [0]),
            lambda: client.generate(z),
        ):
            with pytest.raises(ValueError, match="Received: label"):
                call()
        # Of a model for batching, whose classes have no names there.
        with Client(labelled.url, "rows") as rows:
            assert rows.classes() is None
            np.testing.assert_array_equal(rows.generate(z, [1, 0]), found)
            with pytest.raises(ValueError, match="an index.*Received: label"):
                rows.generate(z, "cat")
            with pytest.raises(ServingError, match="labels must be from 0"):
                rows.generate(z, 3)


@pytest.mark.parametrize(
    "signature, inputs, said",
    [
        ("sample", draw(3), "label must be from -1 to 2"),
        ("sample", draw([0]), "Input label must have the shape []"),
        ("sample", draw("cat"), "Input label must be numbers"),
        ("sample", {**draw(0), "label": None}, "Input label must be"),
        ("sample", {"count": 1, "seed": 1, "truncation": 0}, "the key label"),
        (
            "serving_default",
            {"latents": [[0] * 5] * 2, "labels": [0]},
            "the same number of rows",
        ),
        ("classes", {"label": -2}, "label must be from -1 to 2"),
    ],
)
def test_wrong_labels(labelled, signature, inputs, said):
    body = {"signature_name": signature, "inputs": inputs}
    assert said in labelled.error(body, which="pets")


@pytest.mark.parametrize("model", ["pets", "rows"])
def test_a_wrong_label_is_no_error_of_its_batch(labelled, conditional, model):
    """The rows of four requests, one of them wrong, go into one batch."""
    z, labels = sampling.latents(4, 5), np.int32([0, 3, 2, 1])
    bodies = [
        {"instances": [{"latents": row.tolist(), "labels": int(label)}]}
        for row, label in zip(z, labels)
    ]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda x: labelled.predict(x, model), bodies)]
    assert [status for status, _ in answers] == [200, 400, 200, 200]
    assert "labels must be from 0 to 2" in answers[1][1]["error"]
    expected = np.array(conditional([z, labels % 3], training=False))
    for at in (0, 2, 3):
        (found,) = answers[at][1]["predictions"]
        np.testing.assert_allclose(found, expected[at], atol=1e-5)


def test_the_page_learns_of_classes(labelled):
    _, answer = labelled.json("/gallery")
    (model,) = answer["models"]
    assert model["name"] == "pets"
    assert model["classes"] == ["cat", "dog", "Öl, Essig"]
    _, answer = labelled.json("/labels?classes=3&seed=-7&count=9")
    assert answer["labels"] == sampling.labels(9, 3, -7).tolist()
    status, answer = labelled.json("/labels?seed=1")
    assert status == 400 and "Received: classes=None" in answer["error"]
