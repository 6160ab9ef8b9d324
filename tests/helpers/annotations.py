"""What the signatures of public names must have: annotations."""

import dataclasses
import inspect


def signatures(value):
    """The functions behind a public name, with what they are called."""
    if inspect.isfunction(value):
        yield value.__name__, value
    elif inspect.isclass(value) and not dataclasses.is_dataclass(value):
        for name, member in vars(value).items():
            member = inspect.unwrap(getattr(member, "__func__", member))
            member = getattr(member, "fget", None) or member
            public = name == "__init__" or not name.startswith("_")
            # One is Keras's own, taken from another class.
            ours = getattr(member, "__module__", "").startswith("kerasgan")
            if inspect.isfunction(member) and public and ours:
                yield f"{value.__name__}.{name}", member


def missing(function):
    """Parameters without an annotation, and "return"."""
    signature = inspect.signature(function)
    names = [
        name
        for i, (name, parameter) in enumerate(signature.parameters.items())
        if parameter.annotation is inspect.Parameter.empty
        and not (i == 0 and name in ("self", "cls"))
    ]
    if signature.return_annotation is inspect.Signature.empty:
        names.append("return")
    return names


def unannotated(value):
    """What lacks annotations behind a public name: function -> parameters."""
    found = {name: missing(function) for name, function in signatures(value)}
    return {name: names for name, names in found.items() if names}
