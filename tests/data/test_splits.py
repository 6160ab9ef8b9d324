"""Which images a split has, for every layout that we know of.

A layout is a text of names; `.png` is left out.
"""

import pytest

from kerasgan.data.splits import select_split

ERROR = "error"
SPLITS = "train/a train/b test/c"
LAYOUTS = [
    # no splits: everything
    ("b a", "train", "a b", "all"),
    ("b a", None, "a b", "all"),
    ("b a", "all", "a b", "all"),
    ("b a", "test", ERROR, "no splits"),
    ("cat/a dog/b", "train", "cat/a dog/b", "all"),
    ("cat/a dog/b", "cat", "cat/a", "cat"),
    ("cat/a dog/b", "test", ERROR, "no splits"),
    ("cat/a b", None, "b cat/a", "all"),
    # splits
    (SPLITS, "train", "train/a train/b", "train"),
    (SPLITS, "test", "test/c", "test"),
    (SPLITS, None, "test/c", "test"),
    (SPLITS, "all", "test/c train/a train/b", "all"),
    (SPLITS, "val", ERROR, "Available splits: test, train. Name .*--split"),
    ("train/x/a test/x/b val/x/c", "train", "train/x/a", "train"),
    ("train/x/a test/x/b val/x/c", "validation", "val/x/c", "val"),
    ("train/x/a test/x/b val/x/c", None, "test/x/b", "test"),
    ("train/a val/b", None, "val/b", "val"),
    ("train/a val/b", "test", ERROR, "Available splits: train, val"),
    ("train/a", None, "train/a", "train"),
    ("train/a extra/b", None, ERROR, "Available splits: extra, train"),
    ("train/a extra/b", "train", "train/a", "train"),
    ("test/a", "train", ERROR, "Available splits: test"),
    ("test/b a", "train", ERROR, "Available splits: test"),
    ("train/b c", "train", "train/b", "train"),
    # other words for them
    ("Train/a Test/b", "train", "Train/a", "train"),
    ("Train/a Test/b", "test", "Test/b", "test"),
    ("train /a test /b", "test", "test /b", "test"),
    ("TRAIN_SET/a test-set/b", "train", "TRAIN_SET/a", "train"),
    ("training-images/a testing images/b", "test", "testing images/b", "test"),
    ("trainset/a testset/b", None, "testset/b", "test"),
    ("training/a validation/b", "val", "validation/b", "val"),
    ("training/a validation/b", "Validation", "validation/b", "val"),
    ("train2014/a train2017/b val2017/c", "train2017", "train2017/b", "train"),
    ("train2014/a train2017/b val2017/c", "train", "train2014/a train2017/b", "train"),
    ("train/a unlabeled/b test/c", "train", "train/a", "train"),
    ("seg_train/seg_train/x/a seg_test/seg_test/x/b seg_pred/seg_pred/c", "train",
     "seg_train/seg_train/x/a", "train"),
    ("cat_train/a cat_test/b dog_train/c dog_test/d", "train",
     "cat_train/a dog_train/c", "train"),
    ("cat_train/a cat_test/b dog_train/c dog_test/d", "dog_test",
     "dog_test/d", "test"),
    ("trainA/a testA/b", "train", "trainA/a", "train"),
    ("catsTrain/a catsTest/b", "test", "catsTest/b", "test"),
    ("train/a unseen/b", "train", "train/a", "train"),
    # one of a pair
    ("cats/a cats_test/b", "train", ERROR, "--split cats_test/"),
    ("train_horses/a test_zebras/b", "train", ERROR, "--split train_horses/"),
    ("train/a test/b logos/c", "train", ERROR, "--split train/"),
    # wrapped in a folder, or in two
    ("w/train/a w/test/b", "test", "w/test/b", "test"),
    ("w/v/train/a w/v/test/b", "train", "w/v/train/a", "train"),
    ("w/b w/a", "train", "w/a w/b", "all"),
    ("w/test/a", "train", ERROR, "Available splits: test"),
    ("images/train/a images/val/b", "train", "images/train/a", "train"),
    # below classes
    ("cat/train/a cat/test/b dog/train/c dog/test/d", "train",
     "cat/train/a dog/train/c", "train"),
    ("cat/train/a cat/Test/b dog/Train/c", "train", "cat/train/a dog/Train/c", "train"),
    ("cat/train/a cat/Test/b dog/Train/c dog/test/d", None,
     "cat/Test/b dog/test/d", "test"),
    ("w/cat/train/a w/cat/test/b w/dog/train/c", "test", "w/cat/test/b", "test"),
    ("cat/train/a cat/test/b", "train", "cat/train/a", "train"),
    # classes that are called like splits
    ("train/a bus/b car/c", "train", "bus/b car/c train/a", "all"),
    ("train/a bus/b car/c", None, "bus/b car/c train/a", "all"),
    ("train/a bus/b car/c", "train/", "train/a", "train"),
    ("steam train/a test tube/b", "train", "steam train/a test tube/b", "all"),
    ("dev/a cat/b", "train", ERROR, "dev, in a source of cat, dev"),
    # nobody can know
    ("test/a bus/b car/c", "train", ERROR, "test, in a source of bus, car, test"),
    ("test/a bus/b car/c", None, ERROR, "--split test/.*--split all"),
    ("test/a bus/b car/c", "test", "test/a", "test"),
    ("test/a bus/b car/c", "all", "bus/b car/c test/a", "all"),
    ("test/a bus/b car/c", "car/", "car/c", "car"),
    ("train/a test/b bus/c", "train", ERROR, "test, in a source"),
    ("train/a test/b bus/c", "train/", "train/a", "train"),
    ("train/a test/b bus/c", "nothing/", ERROR, "such as bus, test, train"),
    ("cat/train/a cat/test/b dog/c", "train", ERROR, "cat/test, in a source"),
    ("cat/train/a cat/test/b dog/c", "cat/train", "cat/train/a", "cat/train"),
    ("w/cat/train/a w/cat/test/b w/dog/c", "cat/test", "w/cat/test/b", "cat/test"),
    ("cat/a dog/test/b", "train", ERROR, "dog/test, in a source"),
    ("a b old/train/c old/test/d", "train", ERROR, r"\(no folder\), old"),
    ("cat_train/a cat_test/b dog/c", "train", ERROR, "cat_test, in a source"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore:1 images of s are next to")
@pytest.mark.parametrize("layout, split, expected, label", LAYOUTS)
def test_select_split(layout, split, expected, label):
    # Names with blanks: those before a `/`.
    names = [f"{name}.png" for name in _names(layout)]
    if expected == ERROR:
        with pytest.raises(ValueError, match=label) as caught:
            select_split(names, split, "s")
        assert f"Received: split={split}, source=s" in str(caught.value)
        assert "\n" not in str(caught.value)
    else:
        found = [f"{name}.png" for name in _names(expected)]
        assert select_split(reversed(names), split, "s") == (found, label)


def _names(layout):
    names = []
    for part in layout.split(" "):
        # A word without `/` that is no letter belongs to what follows.
        if names and len(names[-1].rpartition("/")[2]) != 1:
            names[-1] += f" {part}"
        else:
            names.append(part)
    return names


def test_images_next_to_splits_are_counted():
    with pytest.warns(
        UserWarning, match="2 images of s are next to.*: a.png, b.png"
    ):
        select_split(["a.png", "b.png", "train/c.png"], "train", "s")
