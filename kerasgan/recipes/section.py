"""Mappings that are checked key by key, with errors of one line."""

import difflib
import types
from typing import Annotated, Union, get_args, get_origin

import pydantic
from pydantic import ConfigDict, Field

Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(gt=0)]

# A name alone stands for a section of that name with its defaults.
named = pydantic.BeforeValidator(
    lambda value: {"name": value} if isinstance(value, str) else value
)


class Section(pydantic.BaseModel):
    """A mapping of known keys. It is immutable; unknown keys are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        str_min_length=1,
    )


def validate(model, content, source):
    """Check `content` against a pydantic model, with errors of one line.

    Raises:
        ValueError: `source: key: what is expected. Received: value`, for each
            value that is wrong.
    """
    try:
        return model.model_validate(content)
    except pydantic.ValidationError as error:
        problems = "; ".join(_problem(model, item) for item in error.errors())
        raise ValueError(f"{source}: {problems}") from None


def _problem(model, error):
    where, _, choices = _follow(model, error["loc"])
    context = error.get("ctx", {})
    if error["type"] == "missing":
        return f"{where}: this key is missing"
    if error["type"] == "union_tag_not_found":
        key = context["discriminator"].strip("'")
        return f"{where}.{key}: this key is missing"
    if error["type"] == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        return (
            f"{where}.{key}: expected one of {context['expected_tags']}. "
            f"Received: {context['tag']!r}"
        )
    if error["type"] == "extra_forbidden":
        _, section, _ = _follow(model, error["loc"][:-1])
        allowed = ", ".join(section.model_fields)
        nearest = difflib.get_close_matches(
            str(error["loc"][-1]), section.model_fields, n=1, cutoff=0.7
        )
        offer = f"did you mean {nearest[0]}? " if nearest else ""
        return f"{where}: unknown key, {offer}expected one of {allowed}"
    if error["type"] == "model_attributes_type" and choices:
        return (
            f"{where}: expected a mapping that names one of "
            f"{', '.join(choices)}. Received: {error['input']!r}"
        )
    message = error["msg"].removeprefix("Value error, ")
    # Errors of a whole section would print all of it.
    if not isinstance(error["input"], (dict, pydantic.BaseModel)):
        message += f". Received: {error['input']!r}"
    return f"{where}: {message}" if where else message


def _follow(model, location):
    """Follow where pydantic found an error.

    Args:
        model: the outermost section.
        location: keys and indices. Behind the key of a field that takes one of
            several sections stands the tag of the one that was chosen.

    Returns:
        `(path, annotation, choices)`: the dotted keys without such tags, the
        type of what is there (None for an unknown key), and the sections that
        it can be, by their tags.
    """
    path, choices = [], {}
    for part in location:
        if part in choices:
            model, choices = choices[part], {}
            continue
        path.append(str(part))
        field = getattr(model, "model_fields", {}).get(part)
        if field is not None:
            model, choices = _unwrap(field.annotation, field.discriminator)
        else:
            # What a list or a dictionary holds.
            inner = next(reversed(get_args(model)), None)
            model, choices = _unwrap(inner, None)
    return ".".join(path), model, choices


def _unwrap(annotation, discriminator):
    """A type without `Optional` and metadata, and tag -> section.

    The latter of a field that takes one of several sections.
    """
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            for item in metadata:
                discriminator = getattr(item, "discriminator", discriminator)
            continue
        members = _members(annotation)
        if len(members) != 1:
            break
        annotation = members[0]
    if discriminator is None:
        return annotation, {}
    return annotation, {
        tag: section
        for section in members
        for tag in get_args(section.model_fields[discriminator].annotation)
    }


def _members(annotation):
    """The types that a union joins, but for None."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return []
    return [a for a in get_args(annotation) if a is not type(None)]
