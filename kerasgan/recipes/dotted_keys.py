"""Nested dictionaries by dotted keys, such as `"training.batch_size"`."""

import copy
import difflib
import re

import yaml

from kerasgan.recipes.choices import did_you_mean
from kerasgan.recipes.yaml_documents import load_yaml


def replace(content, key, value, kinds):
    """Replace a value in place.

    Args:
        content: the nested dictionary.
        key: dotted, with indices into lists. The section may be left out
            where the rest names a key of one section only.
        value: the value, or its YAML text.
        kinds: the keys that choose the kind of their section: key -> kind ->
            pydantic model. A key with that of the section before it
            (`"discriminator.kind"`) goes before one without. A section of
            another kind keeps what that one has, too, and gets its defaults.

    Raises:
        ValueError: there is no such key, or the text is not YAML.
    """
    parts = resolve(content, key).split(".")
    if isinstance(value, str):
        try:
            value = load_yaml(value)
        except yaml.YAMLError:
            raise ValueError(
                f"{key}: expected a value in YAML. Received: {value!r}"
            ) from None
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
    section = content
    for part in parts[:-1]:
        if isinstance(section, list):
            if not part.isdigit() or int(part) >= len(section):
                raise ValueError(
                    f"{key}: expected the index of one of {len(section)} "
                    f"entries, counted from 0. Received: {part}"
                )
            section = section[int(part)]
        else:
            section = section.get(part)
        if not isinstance(section, (dict, list)):
            break
    if section is None:
        where = ".".join(parts[: parts.index(part) + 1])
        if dict(items(content)).get(where, "") is None:
            raise ValueError(
                f"{key}: {where} is not set yet, set {where} before it"
            )
    if not isinstance(section, dict):
        raise ValueError(
            f"{key}: no such key in a recipe{_offer(content, key)}"
        )
    # A copy, in which the next pair may replace a key.
    section[parts[-1]] = copy.deepcopy(value)
    models = kinds.get(".".join(parts[-2:]), kinds.get(parts[-1], {}))
    if len(parts) > 1 and isinstance(value, str) and value in models:
        _fit(section, models[value].model_fields)


def resolve(content, key):
    """Returns the whole dotted key, where its section was left out.

    Args:
        content: the nested dictionary.
        key: as of `replace`.

    Raises:
        ValueError: there is no such key.
    """
    parts = key.split(".")
    if parts[0] not in content:
        sections = [
            name
            for name, section in content.items()
            if isinstance(section, dict) and parts[0] in section
        ]
        parts = sections + parts if len(sections) == 1 else parts
    if parts[0] not in content:
        raise ValueError(
            f"{key}: no such key in a recipe{_offer(content, key)}"
        )
    return ".".join(parts)


def _fit(section, fields):
    for setting in set(section) - set(fields):
        del section[setting]
    for setting, field in fields.items():
        if not field.is_required():
            section.setdefault(setting, field.get_default())


def _offer(content, key):
    """Returns what an error says behind an unknown key: what could be meant."""
    leaves = [leaf for leaf, _ in items(content)]
    meant = (
        _beginning(leaves, key, r"(?:^|\.)")
        or _beginning(leaves, key, "_")
        or _similar(leaves, key)
    )
    if not meant:
        return '; the page "Recipe keys" of the documentation lists all'
    return f", {did_you_mean(meant)}"


def _beginning(leaves, text, before):
    """Returns the keys in which a text stands at a beginning.

    Args:
        leaves: the dotted keys.
        text: what was written.
        before: regular expression of what is in front of it.

    Returns:
        A list of keys, each up to the end of the part that has the text:
        sections, too.
    """
    # One letter would offer half of them.
    if len(text) < 2:
        return []
    pattern = re.compile(f"{before}{re.escape(text)}[^.]*")
    matches = [(leaf, pattern.search(leaf)) for leaf in leaves]
    return [*dict.fromkeys(leaf[: m.end()] for leaf, m in matches if m)]


def _similar(leaves, key):
    """Returns the keys that are spelled like one, or have it as initials."""
    # As they can be written: whole, without the section, or the last word.
    written = {}
    for leaf in leaves:
        for short in (leaf, leaf.partition(".")[2], leaf.rpartition(".")[2]):
            written.setdefault(short, {})[leaf] = None
    nearest = difflib.get_close_matches(key, filter(None, written), 1, 0.7)
    # Such as lr of learning_rate.
    if not nearest and len(key) > 1:
        nearest = [word for word in written if _initials(word) == key]
    if not nearest:
        return []
    meant = list(written[nearest[0]])
    return meant if len(meant) > 1 else nearest[:1]


def _initials(word):
    return "".join(part[:1] for part in word.split("_"))


def items(content, prefix=""):
    """Returns the dotted keys and the values of a nested dictionary."""
    for name, value in content.items():
        if isinstance(value, dict):
            yield from items(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
