"""The classes of a source, and the label of each of its images."""

from kerasgan.utils.classes import short_list

# Names of images in a message.
_NAMED = 3


def labelling(opened, names=None):
    """Returns how the images of a source are labelled.

    Args:
        opened: a source (see `kerasgan.data.sources`).
        names: the names of the classes, of which the source may lack some;
            None for its own.

    Returns:
        `(names, label_of)`: a list of the classes, and a function of a member
        `(name, read)` of the source that returns its label, an index of the
        list, or None if it has none.

    Raises:
        ValueError: images are outside of the classes, there are fewer than two
            of these, or `names` are no list of different names.
    """
    if opened.labelled and opened.labelled[0] == names:
        return opened.labelled
    received = f"Received: source={opened}, labels=True"
    own = opened.classes()
    if names is None:
        names = own
        _check_own(own, opened, received)
    elif isinstance(names, str) or len(set(names)) < max(len(names), 2):
        raise ValueError(
            "Expected labels=True, or a list of at least two different class "
            f"names. Received: labels={names}"
        )
    classes = opened.classes_of_members()
    outside = [
        name for name, class_name in classes.items() if class_name is None
    ]
    if outside:
        raise ValueError(
            f"Expected each image in a class ({opened.CLASSES_ARE}), but "
            f"{len(outside)} of {len(classes)} are in none, such as "
            f"{', '.join(outside[:_NAMED])}. {received}"
        )
    names = [*names]
    if others := sorted(set(classes.values()).difference(names)):
        raise ValueError(
            f"Expected images of the classes {short_list(names)}, but there are "
            f"some of {short_list(others)}. {received}"
        )
    index = {name: label for label, name in enumerate(names)}
    opened.labelled = (
        names,
        lambda name, read: index.get(opened.class_of(name, read)),
    )
    return opened.labelled


def _check_own(names, opened, received):
    if len(names) < 2:
        there = f"there is only {names[0]}" if names else "there are none"
        raise ValueError(
            f"Expected at least two classes, {opened.CLASSES_ARE}, but {there}. "
            f"{received}"
        )
    for name in names:
        if not name.isprintable() or not name.strip():
            raise ValueError(
                "Expected printable class names. "
                f"Received: {name!a} in {received.removeprefix('Received: ')}"
            )


def check_label(label, name, source):
    """Returns the label of an image; raises a ValueError if it is None."""
    if label is None:
        raise ValueError(
            f"Expected a class for each image, but {name} has none. "
            f"Received: source={source}, labels=True"
        )
    return label


def without_images(prepared, split, source):
    """Returns lines about the classes of which no image was prepared: one or none."""
    if prepared.classes is None:
        return []
    there = set(prepared.labels.tolist())
    names = [c for i, c in enumerate(prepared.classes) if i not in there]
    if not names:
        return []
    return [
        f"No image of {len(names)} of {len(prepared.classes)} classes in "
        f"{source}, {split}: {short_list(names)}"
    ]
