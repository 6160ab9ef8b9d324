"""YAML documents without what is there twice."""

import yaml


class _Loader(yaml.SafeLoader):
    """Reads YAML, and rejects what is there twice: the last would count."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            name = (key.tag, str(key.value))
            if name in seen:
                raise ValueError(
                    f"line {key.start_mark.line + 1}: the key {key.value} is there "
                    "twice"
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
