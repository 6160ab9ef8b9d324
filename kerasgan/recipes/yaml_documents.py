"""YAML documents that are a mapping, with errors of one line."""

import yaml


class _Loader(yaml.SafeLoader):
    """Reads YAML, and rejects what is there twice: the last would count."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = (key.tag, str(key.value))
            if name in seen:
                raise ValueError(
                    f"line {key.start_mark.line + 1}: duplicate key {key.value}"
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


def load_yaml(text):
    """Returns what a YAML document holds.

    Raises:
        yaml.YAMLError, UnicodeDecodeError: it is none.
        ValueError: a mapping has a key twice.
    """
    return yaml.load(text, _Loader)


def read_yaml(text, source, what):
    """Returns the mapping of a YAML document.

    Args:
        text: the document.
        source: what errors call it.
        what: it is, such as `"a recipe"`.

    Raises:
        ValueError: it is no such document, in one line.
    """
    try:
        content = load_yaml(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{source}: not a YAML document: {reason}") from None
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(
            f"{source}: expected {what}, a mapping of keys to values. "
            f"Received: {type(content).__name__}"
        )
    return content
