"""What a docstring says of arguments and of what is returned."""

import functools
import inspect
import re
import types

# Of classes that Keras saves although they are neither layers nor models.
SAVED = {"get_config", "from_config"}
VARIABLE = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
WRAPPED = classmethod, staticmethod


def members(item):
    """Returns name -> function or property of those that a class adds to Keras."""
    foreign = [
        b for b in item.__mro__ if not b.__module__.startswith("kerasgan")
    ]
    return {
        name: value.__func__ if isinstance(value, WRAPPED) else value
        for name, value in vars(item).items()
        if not name.startswith("_")
        and name not in SAVED
        and isinstance(value, (types.FunctionType, property, *WRAPPED))
        and not any(hasattr(base, name) for base in foreign)
    }


def is_record(item):
    """Whether the arguments are attributes, or nobody passes them."""
    return issubclass(item, (tuple, Exception)) or (
        "Attributes:" in (inspect.getdoc(item) or "")
        or hasattr(item, "model_fields")
    )


class Docstring:
    """The docstring of a public name, and what it has to say.

    Attributes:
        text: the docstring; that of a method continues with those of the
            methods that it overrides.
        arguments: name -> annotation, as text, of the arguments.
        attributes: the same of the attributes of a record that are arrays.
        returns: the annotation of what is returned, as text; "" for nothing.
    """

    def __init__(self, item, texts=()):
        self.text = "\n\n".join(filter(None, texts or [inspect.getdoc(item)]))
        self.arguments, self.attributes, self.returns = {}, {}, ""
        if isinstance(item, property):
            self.returns = annotation(
                inspect.signature(item.fget).return_annotation
            )
            self.text = f"Returns:\n    {self.text}"
        elif inspect.isclass(item) and is_record(item):
            kinds = getattr(item, "__annotations__", {})
            kinds = {name: annotation(kind) for name, kind in kinds.items()}
            self.attributes = {n: k for n, k in kinds.items() if "ndarray" in k}
        else:
            signature = inspect.signature(item)
            self.arguments = {
                parameter.name: annotation(parameter.annotation)
                for parameter in signature.parameters.values()
                if parameter.kind not in VARIABLE
                and parameter.name not in ("self", "cls")
            }
            # What a context gives is said by "inside the block".
            if not (inspect.isclass(item) or hasattr(item, "__wrapped__")):
                self.returns = annotation(signature.return_annotation)

    @classmethod
    def of_member(cls, owner, name):
        """Returns that of a method or property of a class."""
        texts = [
            inspect.getdoc(vars(base)[name])
            for base in owner.__mro__
            if name in vars(base)
        ]
        return cls(members(owner)[name], texts)

    @functools.cached_property
    def entries(self):
        """What Args and Attributes say: name -> text."""
        result = {}
        for section in self._sections("Args", "Attributes"):
            for entry in re.split(r"^ {4}(?=\S)", section, flags=re.M):
                # The names may go on in the next line.
                names, _, text = entry.partition(":")
                for name in names.split(","):
                    result.setdefault(name.strip(" *`\n"), in_a_line(text))
        return result

    @functools.cached_property
    def returned(self):
        """What it says of what is returned; "" for nothing."""
        for section in self._sections("Returns", "Yields"):
            return in_a_line(section)
        first = self.text.partition("\n\n")[0]
        return (
            in_a_line(first) if first.startswith(("Returns", "Yields")) else ""
        )

    def _sections(self, *titles):
        pattern = rf"^(?:{'|'.join(titles)}):\n((?: .*\n|\n)+)"
        return re.findall(pattern, f"{self.text}\n", re.M)


def annotation(value):
    """Returns an annotation as text; "" for none, and for None."""
    if value in (None, "None", inspect.Signature.empty):
        return ""
    return value if isinstance(value, str) else inspect.formatannotation(value)


def in_a_line(text):
    return " ".join(text.split())
