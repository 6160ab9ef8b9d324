"""Classes of sources, labels of prepared images and of batches."""

import keras
import numpy as np
import pytest

from kerasgan.data import Batches, load, prepare
from kerasgan.data.floats import to_float
from kerasgan.data.splits import select_classes
from kerasgan.data.streams_keras import endless


@pytest.mark.parametrize(
    "folders, split, classes, found",
    [
        (["b", "a/deep", "a"], "train", ["a", "b"], ["b", "a", "a"]),
        (["top/b", "top/a"], "all", ["a", "b"], ["b", "a"]),
        # Those of the training split, whatever split is asked for.
        (["x/train/b", "x/train/a", "x/test/b"], "test", ["a", "b"], "bab"),
        (["train/b", "train/a", "test/c"], None, ["a", "b"], "bac"),
        (["train/b", "train/a", "test/b"], "test/", ["a", "b"], "bab"),
        (["a/train", "b/train", "b/test"], "train", ["a", "b"], "abb"),
        (["train/all/a", "train/all/b", "test/all/a"], "test", ["a", "b"], "aba"),
        # Without a training split.
        (["test/b", "val/a"], "val", ["a", "b"], "ba"),
        # Of a folder that was named, what is below.
        (["set/b", "set/a", "rest/c"], "set", ["a", "b"], ["b", "a", -1]),
        (["x/set/b", "x/set/a", "c"], "x/set", ["a", "b"], ["b", "a", -1]),
        (["a", "", "b"], "train", ["a", "b"], ["a", None, "b"]),
        (["a", "a"], "train", ["a"], ["a", "a"]),
        (["", ""], "train", [], [None, None]),
    ],
)  # fmt: skip
def test_classes_are_folders(folders, split, classes, found):
    names = [
        f"{folder}/{i}.png".lstrip("/") for i, folder in enumerate(folders)
    ]
    named, class_of = select_classes(names, split)
    assert named == classes
    # -1: no image of the split.
    assert [class_of.get(name, -1) for name in names] == list(found)


@pytest.fixture
def members(helpers):
    """Three classes, of which one is missing in the test split."""
    names = [f"train/{c}/{i}.png" for c in "zxy" for i in range(3)]
    names += ["test/z/0.png", "test/y/0.png"]
    return {
        name: helpers.encoded(helpers.image(i, 8, 8))
        for i, name in enumerate(names)
    }


def prepared_by(source, split="train", **options):
    return prepare(source, split, image_size=8, **options)


def test_labels_of_a_folder_and_a_zip(make_folder, make_zip, members):
    for source in (make_folder(members), make_zip(members)):
        plain = prepared_by(source)
        assert plain.labels is plain.classes is None
        for _ in range(2):  # prepared, and from the cache
            train = prepared_by(source, labels=True)
            assert train.classes == ["x", "y", "z"]
            assert train.labels.dtype == np.int32
            assert train.labels.tolist() == [0] * 3 + [1] * 3 + [2] * 3
        assert train.path != plain.path
        assert train.fingerprint == plain.fingerprint
        with pytest.warns(UserWarning, match="1 of 3 classes in .*, test: x$"):
            test = prepared_by(source, "test", labels=True)
        assert (test.classes, test.labels.tolist()) == (["x", "y", "z"], [1, 2])
        named = prepared_by(source, labels=["y", "x", "z"])
        assert named.labels.tolist() == [1] * 3 + [0] * 3 + [2] * 3


@pytest.mark.filterwarnings("ignore:No image of")
def test_labels_of_what_is_held_out(make_zip, members):
    source = make_zip(members)
    for held_out in (False, True):
        side = prepared_by(source, labels=True, hold_out=0.4, held_out=held_out)
        found = [side.classes[label] for label in side.labels]
        assert found == [name.split("/")[1] for name in side.names]


def test_what_is_no_image_needs_no_class(make_folder, members):
    members |= {"train/LICENSE": b"text", "train/docs/README": b"text"}
    with pytest.warns(UserWarning, match="Ignored 2 files"):
        found = prepared_by(make_folder(members), labels=True)
    assert found.classes == ["x", "y", "z"]


@pytest.mark.parametrize(
    "extra, split, labels, message",
    [
        (["train/stray.png"], "train", True, "1 of 10 are in none.*stray.png"),
        (["train/stray"], "train", True, "train/stray has none. Received"),
        (
            ["test/new/0.png"],
            "test",
            True,
            "classes x, y, z.* some of new. Rec",
        ),
        ([], "train", ["x", "y"], "classes x, y, but .* some of z"),
        ([], "train", ["x", "x", "y", "z"], "two different class names"),
        ([], "train", "xyz", "or a list of .*Received: labels=xyz"),
        ([], "train/x", True, "but there are none. Received: source=.*=True"),
        (["a/b/c.png"], "a/", True, "but there is only b. Received"),
    ],
)
def test_wrong_classes(make_folder, members, extra, split, labels, message):
    image = members["train/x/0.png"]
    source = make_folder(members | dict.fromkeys(extra, image))
    with pytest.raises(ValueError, match=message) as caught:
        prepared_by(source, split, labels=labels)
    assert "\n" not in str(caught.value)


def test_batches_have_the_labels_of_their_images(make_zip, members):
    source = make_zip(members)
    labelled = Batches(prepared_by(source, labels=True), 2, seed=3)
    plain = Batches(prepared_by(source), 2, seed=3)
    # Copies would have two labels.
    label_of = dict(
        zip(map(np.ndarray.tobytes, labelled.images), labelled.labels)
    )
    assert len(label_of) == 9
    keras_stream, stream = endless(labelled, 1), iter(labelled.stream(1))
    for step in range(1, 10):
        images, labels = labelled.batch(step)
        np.testing.assert_array_equal(images, plain.batch(step))
        for image, label in zip(images, labels):
            sides = image, np.ascontiguousarray(image[:, ::-1])
            found = [label_of.get(side.tobytes()) for side in sides]
            assert label in found
        if keras.backend.backend() == "tensorflow":
            drawn = [x.numpy() for x in next(stream)]
            np.testing.assert_array_equal(drawn[0], to_float(images))
            np.testing.assert_array_equal(drawn[1], labels)
        drawn = keras_stream[step - 1]
        np.testing.assert_array_equal(drawn[0], to_float(images))
        np.testing.assert_array_equal(drawn[1], labels)
        assert drawn[1].dtype == np.int32
    still = Batches(prepared_by(source, labels=True), 3, False, shuffle=False)
    assert still.batch(1)[1].tolist() == [1, 1, 1]


@pytest.mark.filterwarnings("ignore:.*were enlarged")
def test_load_of_gray_rectangles(make_zip, members):
    epoch = load(
        make_zip(members), image_size="8x10x1", labels=True, batch_size=4
    )
    images, labels = next(iter(epoch))
    assert (tuple(images.shape), tuple(labels.shape)) == ((4, 8, 10, 1), (4,))
