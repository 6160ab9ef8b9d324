"""The images of a folder or a zip that belong to a split."""

import re
import warnings

EVERYTHING = "all"
# What folders of splits are called, and the split.
_SPLITS = {
    **dict.fromkeys(("train", "training", "trainval"), "train"),
    **dict.fromkeys(
        ("test", "testing", "holdout", "heldout", "unseen"), "test"
    ),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
    **dict.fromkeys(("eval", "evaluation"), "eval"),
    **dict.fromkeys(("unlabeled", "unlabelled"), "unlabeled"),
    **dict.fromkeys(("pred", "prediction"), "pred"),
    "extra": "extra",
}
# Images of these must not be trained on by mistake.
_UNSEEN = ("test", "val", "eval")
# Words that do not name a split: `train_set`, `images-test`.
_IDLE = frozenset(
    [
        "data",
        "dataset",
        "image",
        "images",
        "img",
        "imgs",
        "set",
        "sets",
        "split",
        "splits",
    ]
)
_IDLE_ENDING = re.compile("(?:data|images|imgs|set|split)$")
# Names in a message.
_NAMED = 4


def select_split(names, split, source):
    """Selects the images of a split by the names of their folders.

    Outer folders that wrap everything are unwrapped first. Folders are splits
    if all folders next to them have names of splits, too: `train`, `Test`,
    `val_set`, `mnist-train` with `mnist-test`. They may be below classes
    (`cats/train`, `cats/test`). A folder `train` next to `bus` and `car`
    is therefore a class, while `test` or `val` next to them is rejected: test
    images must not be trained on.

    Args:
        names: the names of all images, with `/` between folders.
        split: a split; the name of a top-level folder; the path of any folder,
            with a `/` in it (`"train/"`); or `"all"`, everything. `"train"` is
            everything if there are no splits. None is the test split, or
            else the validation split, or everything if there are no splits.
        source: the source's path, for messages.

    Returns:
        `(names, label)`: the sorted names, and what they are: the split
        (`"test"` for a folder `Test_set`), the folder, or `"all"`.

    Raises:
        ValueError: there is no such split, or names do not say which images
            belong to which. The message lists what there is.
    """
    names = sorted(names)
    if not names:
        return names, EVERYTHING
    folders = {name: tuple(name.split("/")[:-1]) for name in names}
    if split == EVERYTHING:
        return names, EVERYTHING
    if split is not None and "/" in split.strip():
        return _below(folders, split, source)
    distinct = set(folders.values())
    start = _wrappers(distinct, split)
    depth, splits = _level(distinct, start)
    if splits is None:
        top = [name for name in names if folders[name][start:][:1] == (split,)]
        # `train` may be the name of a class, and is the default split.
        if top and split != "train":
            return top, split
        _check_clear(distinct, start, split, source)
        if split in (None, "train"):
            return names, EVERYTHING
        raise ValueError(
            "Expected the split 'train' or 'all' (everything), since the source "
            f"has no splits. Received: split={split}, source={source}"
        )
    label, chosen = _choose(splits, split, source)
    _warn_of_rest(names, folders, depth, splits, source)
    return [n for n in names if folders[n][: depth + 1] in chosen], label


def select_classes(names, split):
    """Returns the class of each image, by the names of folders.

    It is the outermost folder that is left of an image's path without that of
    the split (which may be below: `cats/train`), and without folders that
    wrap everything.

    Args:
        names: the names of all images, of all splits.
        split: as of `select_split`, which found it.

    Returns:
        `(classes, class_of)`: the sorted classes of the training split, or of
        everything if there is none, whatever split is requested; and
        name -> class, None outside of all, of the images that may be in it.
    """
    folders = {name: tuple(name.split("/")[:-1]) for name in names}
    if not folders:
        return [], {}
    distinct = set(folders.values())
    path = _parts(split) if split and "/" in split else ()
    start = _wrappers(distinct, None if path else split)
    depth, splits = _level(distinct, start)
    if not path and not splits and split not in (None, "train", EVERYTHING):
        path = (split,)
    root = next(
        (
            parts[: at + len(path)]
            for at in (0, start)
            for parts in distinct
            if path and parts[at : at + len(path)] == path
        ),
        (),
    )
    trained = None
    if splits and (not root or root in splits):
        below = {
            name: parts[start:depth] + parts[depth + 1 :]
            for name, parts in folders.items()
            if parts[: depth + 1] in splits
        }
        trained = [
            name
            for name in below
            if splits[folders[name][: depth + 1]] == "train"
        ]
    else:
        # A folder that has all images itself is a class, and wraps none.
        skip = len(root) or min(start, max(map(len, distinct)) - 1)
        below = {
            name: parts[skip:]
            for name, parts in folders.items()
            if parts[: len(root)] == root
        }
    while len({parts[:1] for parts in below.values()}) == 1 and all(
        len(parts) > 1 for parts in below.values()
    ):
        below = {name: parts[1:] for name, parts in below.items()}
    class_of = {name: next(iter(parts), None) for name, parts in below.items()}
    classes = {class_of[name] for name in trained or class_of}
    return sorted(classes.difference([None])), class_of


def names_a_split(folder):
    """Returns whether a folder's name has the name of a split in it."""
    words = _words(folder)
    return any(_split_of([word]) for word in words) or bool(_split_of(words))


def _words(folder):
    # `testA` has two words, too.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", folder)
    words = re.split(r"[\W\d_]+", spaced.lower())
    return [word for word in words if word and word not in _IDLE]


def _split_of(words):
    """Returns the split that all words together name, or None."""
    name = "".join(words)
    return _SPLITS.get(name) or _SPLITS.get(_IDLE_ENDING.sub("", name))


def _splits_of(siblings):
    """Returns the split, or None, of each of the folders in one folder."""
    splits, pairs = {}, {}
    for folder in siblings:
        words = _words(folder)
        splits[folder] = _split_of(words)
        named = [word for word in words if _split_of([word])]
        if splits[folder] is None and len(named) == 1:
            rest = tuple(word for word in words if word != named[0])
            pairs.setdefault(rest, {})[folder] = _split_of(named)
    # `cat_test` is a split because there is `cat_train`.
    for pair in pairs.values():
        if len(set(pair.values())) > 1:
            splits.update(pair)
    return splits


def _wrappers(distinct, split):
    """Returns how many outer folders wrap everything."""
    start = 0
    while True:
        tops = {folders[start : start + 1] for folders in distinct}
        if len(tops) != 1 or tops == {()}:
            return start
        ((top,),) = tops
        if top == split or _split_of(_words(top)):
            return start
        start += 1


def _level(distinct, start):
    """Returns the first level of folders that are all splits.

    Returns:
        `(depth, splits)`: the number of folders above, and path -> split; or
        `(None, None)`.
    """
    for depth in range(start, max(map(len, distinct))):
        siblings, bare = {}, set()
        for folders in distinct:
            if len(folders) > depth:
                siblings.setdefault(folders[:depth], set()).add(folders[depth])
            else:
                bare.add(folders)
        splits = {
            (*above, folder): split
            for above, below in siblings.items()
            for folder, split in _splits_of(below).items()
        }
        if all(splits.values()) and bare <= siblings.keys():
            return depth, splits
    return None, None


def _choose(splits, split, source):
    """Returns what the images of a split are called, and the paths of its folders."""
    there = set(splits.values())
    if split is None:
        unseen = [name for name in ("test", "val") if name in there]
        wanted = (unseen or sorted(there))[0]
        chosen = {path for path, name in splits.items() if name == wanted}
        if not unseen and len(there) > 1:
            chosen = set()
    else:
        plain = split.strip().lower()
        wanted = _split_of(_words(split))
        # `train` means `Train` and `training`, too; `train2017` itself alone.
        exact = () if plain in _SPLITS else splits
        chosen = (
            {path for path in exact if path[-1] == split}
            or {path for path in exact if path[-1].strip().lower() == plain}
            or {path for path, name in splits.items() if name == wanted}
        )
    if not chosen:
        named = sorted({path[-1].strip() for path in splits})
        raise ValueError(
            "Expected a split of the source. Available splits: "
            f"{', '.join(named)}. Name one with split (--split), or all. "
            f"Received: split={split}, source={source}"
        )
    return splits[min(chosen)], chosen


def _below(folders, split, source):
    """Returns all images below a folder."""
    path = _parts(split)
    distinct = set(folders.values())
    start = _wrappers(distinct, None)
    for at in (0, start):
        chosen = [n for n in folders if folders[n][at:][: len(path)] == path]
        if chosen and path:
            return chosen, "/".join(path)
    raise ValueError(
        "Expected the path of a folder with images in the source, such as "
        f"{_named('/'.join(path[start:]) for path in distinct)}. "
        f"Received: split={split}, source={source}"
    )


def _parts(path):
    return tuple(p for p in path.strip().split("/") if p not in ("", "."))


def _check_clear(distinct, start, split, source):
    """Raises for folders that only look like splits."""
    siblings = {}
    for folders in distinct:
        for depth in range(start, len(folders)):
            siblings.setdefault(folders[:depth], set()).add(folders[depth])
    for above, below in sorted(siblings.items()):
        prefix = above[start:]
        splits = _splits_of(below)
        trained = [
            folder
            for folder in sorted(below)
            if _split_of(_words(folder)[:1]) == "train"
        ]
        unseen = [
            "/".join([*prefix, folder])
            for folder in sorted(below)
            if splits[folder] in _UNSEEN or _looks_unseen(folder, trained)
        ]
        if not unseen:
            continue
        named = "/".join([*prefix, trained[0]]) if trained else unseen[0]
        tops = {
            folders[start] if len(folders) > start else "(no folder)"
            for folders in distinct
        }
        raise ValueError(
            "Expected folders that are all splits, or all classes, but only "
            f"some are named like a split: {_named(unseen)}, in a source of "
            f"{_named(tops)}. Name a folder by split (--split {named}/), or "
            f"take everything (--split {EVERYTHING}). "
            f"Received: split={split}, source={source}"
        )


def _looks_unseen(folder, trained):
    """Returns whether a folder has the name of a split of unseen images.

    At its end (`cats_test`), or at its start if folders next to it begin with
    the name of the training split (`test_zebras`, `train_horses`).
    """
    words = _words(folder)
    ends = words[-1:] + words[:1] * bool(trained)
    return any(_split_of([word]) in _UNSEEN for word in ends)


def _warn_of_rest(names, folders, depth, splits, source):
    rest = [name for name in names if folders[name][: depth + 1] not in splits]
    if rest:
        warnings.warn(
            f"{len(rest)} images of {source} are next to folders of splits and "
            f"belong to none: {_named(rest)}",
            stacklevel=2,
        )


def _named(names):
    names = sorted(names)
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
