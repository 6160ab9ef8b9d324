"""The models, versions and labels that TensorFlow Serving serves."""

import dataclasses
import fnmatch
import re
from pathlib import Path

from kerasgan.serving.tf_serving.versions import versions

_LABEL = re.compile(r"[\w.-]+")


@dataclasses.dataclass(frozen=True)
class Served:
    """A model and how it is served.

    Attributes:
        name: its name, which is that of its folder.
        policy: `"all"` for all versions, an integer n for the newest n, which
            change as versions are exported, or a tuple of versions.
        labels: names of versions: a dict of strings to integers.
    """

    name: str
    policy: str | int | tuple
    labels: dict


def find_models(folder, pattern=None):
    """Returns the models in a folder of SavedModels.

    Args:
        folder: the folder, with `NAME/VERSION/saved_model.pb`.
        pattern: only names that match it, such as `"*-wn-*"`.

    Returns:
        A dict of names, sorted, to versions: integers in ascending order.

    Raises:
        ValueError: there are none.
    """
    folder = Path(folder)
    models = {}
    for base in sorted(folder.iterdir()) if folder.is_dir() else ():
        there = [
            version
            for version in versions(base)
            if (base / str(version) / "saved_model.pb").is_file()
        ]
        matches = pattern is None or fnmatch.fnmatchcase(base.name, pattern)
        if there and matches and not base.name.startswith("."):
            models[base.name] = there
    if not models:
        matching = f" that matches {pattern!r}" if pattern is not None else ""
        raise ValueError(
            f"Expected a folder with NAME/VERSION/saved_model.pb{matching}, "
            "such as kerasgan export makes. "
            f"Received: savedmodels={str(folder)!r}"
        )
    return models


def choose(models, versions=(), labels=()):
    """Decide what is served of each model.

    Args:
        models: what `find_models` returns.
        versions: strings `[MODEL/]VERSIONS` with `latest`, `latest:N`, `all` or
            numbers with commas between them. What is said of one model goes
            before what is said of all, otherwise the last one counts. By
            default the labelled versions, or else the latest one. In addition to
            labels, `latest` is written down as the numbers that it means now.
        labels: strings `[MODEL/]LABEL=VERSION` with a number, `latest` or
            `previous`.

    Returns:
        A list of `Served`.

    Raises:
        ValueError: a string of another form, or a model or version that is not
            there.
    """
    for option, texts in (("versions", versions), ("label", labels)):
        for text in texts:
            _check_model(option, text, models)
    return [
        _served(name, there, _of(name, versions), _of(name, labels))
        for name, there in models.items()
    ]


def _check_model(option, text, models):
    name, slash, _ = text.rpartition("/")
    if slash and name not in models:
        raise ValueError(
            f"there is no model {name!r} among {', '.join(models)}. "
            f"Received: {option}={text!r}"
        )


def _of(name, texts):
    """Returns what concerns one model, the most specific last: pairs of texts."""
    split = [(text, *text.rpartition("/")) for text in texts]
    return [
        (text, value)
        for wanted in ("", name)
        for text, model, _, value in split
        if model == wanted
    ]


def _served(name, there, versions, labels):
    labels = dict(_label(name, there, *pair) for pair in labels)
    if versions:
        policy = _policy(name, there, *versions[-1])
    else:
        policy = () if labels else 1
    if labels and policy != "all":
        # What a label names is loaded for certain, whatever comes later.
        if isinstance(policy, int):
            policy = there[-policy:]
        policy = tuple(sorted({*policy, *labels.values()}))
    return Served(name, policy, labels)


def _policy(name, there, text, value):
    if value == "all":
        return "all"
    kind, colon, count = value.partition(":")
    if kind == "latest" and (not colon or _positive(count)):
        return int(count or 1)
    if not all(_positive(number) for number in value.split(",")):
        raise ValueError(
            "Expected [MODEL/]VERSIONS with latest, latest:N, all, or numbers "
            f"such as 1,2. Received: versions={text!r}"
        )
    return tuple(
        _there(name, there, int(number), "versions", text)
        for number in value.split(",")
    )


def _label(name, there, text, value):
    label, _, version = value.partition("=")
    wanted = {"latest": there[-1], "previous": (0, *there)[-2]}
    if not _LABEL.fullmatch(label) or not (
        version in wanted or _positive(version)
    ):
        raise ValueError(
            "Expected [MODEL/]LABEL=VERSION with a number, latest or previous. "
            f"Received: label={text!r}"
        )
    number = wanted[version] if version in wanted else int(version)
    return label, _there(name, there, number, "label", text)


def _there(name, there, version, option, text):
    if version not in there:
        # Zero stands for the one before the first.
        which = f"version {version}" if version else "version before that"
        has = ", ".join(map(str, there))
        raise ValueError(
            f"{name} has version {has} and no {which}. "
            f"Received: {option}={text!r}"
        )
    return version


def _positive(text):
    return text.isdecimal() and int(text) > 0
