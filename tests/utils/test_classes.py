import keras
import numpy as np
import pytest

from kerasgan.layers import OneHot
from kerasgan.utils.classes import (
    Classes,
    classes_of,
    is_conditional,
    spread_rows,
)

pytestmark = pytest.mark.both_backends


def network(**options):
    latents = keras.Input((2,), name="latents")
    labels = keras.Input((), dtype="int32", name="labels")
    weights = OneHot(3, name="classes", **options)(labels)
    joined = keras.layers.Concatenate()([latents, weights])
    return keras.Model([latents, labels], joined)


def test_names_survive_a_file(tmp_path):
    network(class_names=["cat", "dog", "7"]).save(tmp_path / "a.keras")
    loaded = keras.saving.load_model(tmp_path / "a.keras")
    assert is_conditional(loaded)
    assert classes_of(loaded) == Classes(3, ("cat", "dog", "7"))
    assert not is_conditional(keras.Sequential([keras.Input((2,))]))


def test_labels_become_one_hot_vectors():
    model = network()
    joined = model([np.zeros((4, 2), "float32"), np.array([0, 2, 3, -1])])
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(joined)[:, 2:],
        [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 0, 0]],
    )
    assert classes_of(model) == Classes(3, ("0", "1", "2"))


def test_a_name_comes_before_an_index():
    classes = Classes(3, ("cat", "2", "dog"))
    assert [classes.index(x) for x in ("dog", "2", 2, np.int32(0), "0")] == [
        *(2, 1, 2, 0, 0)
    ]
    for label in ("cow", 3, -1, 0.0, True, None):
        with pytest.raises(ValueError, match="cat, 2, dog"):
            classes.index(label)


def test_rows_of_all_classes():
    labels = [0, 0, 0, 2, 2, 0, 1]
    for count, rows in ((2, [0, 6]), (3, [0, 3, 6]), (5, [0, 1, 3, 4, 6])):
        assert spread_rows(labels, count).tolist() == rows
    assert spread_rows(labels, 9).tolist() == [*range(7)]


@pytest.mark.parametrize(
    "arguments", [(0,), (True,), (2.0,), (2, ["a"]), (2, ["a", "a"])]
)
def test_wrong_arguments(arguments):
    with pytest.raises(
        ValueError, match="Received: (num_classes|class_names)="
    ):
        OneHot(*arguments)
