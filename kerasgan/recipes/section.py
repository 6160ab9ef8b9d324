"""Mappings that are checked key by key, with errors of one line."""

import os
import types
from typing import Annotated, Literal, Union, get_args, get_origin

import pydantic
from pydantic import ConfigDict, Field
from pydantic_core import InitErrorDetails, PydanticCustomError

from kerasgan.recipes.choices import (
    choice_problem,
    did_you_mean,
    near_names,
    with_offer,
)
from kerasgan.utils import registry
from kerasgan.utils.json_files import read_json

Positive = Annotated[int, Field(gt=0)]
Rate = Annotated[float, Field(gt=0)]

# Type of an error of pydantic -> what is expected instead, of its context.
_EXPECTED = {
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float"), "an integer"
    ),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    **dict.fromkeys(("dict_type", "model_type"), "a mapping of keys to values"),
    "model_attributes_type": "a mapping of keys to values",
    "string_type": "a text",
    "finite_number": "a finite number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_pattern_mismatch": "a text that matches {pattern}",
    "string_too_short": "a text of {min_length} or more characters",
    "too_short": "{min_length} or more items",
    "too_long": "{max_length} items or fewer",
}

_NO_NUMBER = PydanticCustomError(
    "no_number", "expected a number, not true or false"
)

# A name alone means a section of that name with its defaults.
named = pydantic.BeforeValidator(
    lambda value: {"name": value} if isinstance(value, str) else value
)


class Section(pydantic.BaseModel):
    """A mapping of known keys. It is immutable; unknown keys are rejected."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        str_min_length=1,
    )

    @pydantic.model_validator(mode="wrap")
    @classmethod
    def _check_numbers(cls, content, convert):
        # pydantic takes true and false for 1 and 0.
        section = convert(content)
        problems = [
            InitErrorDetails(type=_NO_NUMBER, loc=(key,), input=value)
            for key, value in (
                content.items() if isinstance(content, dict) else ()
            )
            if _became_number(value, getattr(section, key, None))
        ]
        if problems:
            raise pydantic.ValidationError.from_exception_data("", problems)
        return section

    @classmethod
    def from_json(cls, path, remedy):
        """Reads a JSON document; errors as of `read_json` and `validate`."""
        return validate(cls, read_json(path, remedy), os.fspath(path))


def _became_number(value, converted):
    """Returns whether a truth value, or one inside, is now a number."""
    if isinstance(value, bool):
        return type(converted) in (int, float)
    if isinstance(value, dict) and isinstance(converted, dict):
        return any(
            _became_number(value[key], converted[key])
            for key in value.keys() & converted.keys()
        )
    if isinstance(value, list) and isinstance(converted, (list, tuple)):
        return any(map(_became_number, value, converted))
    return False


def setting(name, argument, **default):
    """Returns the type of a recipe's key, checked as the code's argument is.

    Args:
        name: of the key.
        argument: its `registry.Argument`.
        **default: `default=` another one than the argument's.
    """
    default = default.get("default", argument.default)
    if isinstance(argument, registry.Section):
        value = one_of(sections(argument.table))
    else:
        value = argument.type
        # What is written as an integer stays one.
        if value is float and isinstance(argument.default, int):
            value = int | float

        def check(value, convert):
            converted = value
            if not isinstance(value, bool):
                try:
                    converted = convert(value)
                except ValueError:
                    pass
            problem = argument.problem(name, converted, value)
            if problem:
                raise ValueError(with_offer(problem, argument, value))
            return converted

        value = Annotated[value, pydantic.WrapValidator(check)]
    if default is registry.REQUIRED:
        return value
    if argument.optional or default is None:
        value = Union[value, None]  # noqa: UP007
    if isinstance(default, tuple):
        default = [*default]
    return Annotated[value, Field(default=default)]


def settings(arguments):
    """Returns the types of several arguments, for `pydantic.create_model`."""
    return {name: setting(name, a) for name, a in arguments.items()}


def sections(table):
    """Returns the section of a recipe for each row of a table, by name."""
    return {name: _section(name, row) for name, row in table.items()}


def _section(name, row):
    def check(section):
        problem = row.rule(vars(section))
        if problem:
            raise ValueError(problem)
        return section

    rules = {"check": pydantic.model_validator(mode="after")(check)}
    return pydantic.create_model(
        row.name,
        __base__=Section,
        __doc__=row.summary,
        __validators__=rules if row.rule else None,
        name=Literal[name],
        **settings(row.arguments),
    )


def one_of(models, key="name"):
    """Returns the type of a key that takes one of several sections.

    Args:
        models: what `key` says -> the section.
        key: that of the sections that chooses; a `name` may stand alone.
    """
    section = Annotated[
        Union[tuple(models.values())],  # noqa: UP007
        Field(discriminator=key),
    ]
    return Annotated[section, named] if key == "name" else section


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
    where, section, choices = _follow(model, error["loc"])
    context = error.get("ctx", {})
    if error["type"] == "missing":
        return f"{where}: this key is missing"
    if error["type"] == "union_tag_not_found":
        key = context["discriminator"].strip("'")
        return f"{where}.{key}: this key is missing"
    if error["type"] == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        problem = choice_problem(key, choices, context["tag"])
        return f"{where}.{key}: {problem}"
    if error["type"] == "literal_error":
        # The items of a list have the name of the list.
        key = [part for part in where.split(".") if not part.isdigit()][-1]
        problem = choice_problem(key, get_args(section), error["input"])
        return f"{where}: {problem}"
    if error["type"] == "extra_forbidden":
        fields = _follow(model, error["loc"][:-1])[1].model_fields
        near = near_names(str(error["loc"][-1]), fields)
        offer = f"{did_you_mean(near)} " if near else ""
        return (
            f"{where}: unknown key, {offer}expected one of {', '.join(fields)}"
        )
    if error["type"] == "model_attributes_type" and choices:
        return (
            f"{where}: expected a mapping that names one of "
            f"{', '.join(choices)}. Received: {error['input']!r}"
        )
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] in _EXPECTED:
        message = f"expected {_EXPECTED[error['type']].format(**context)}"
    keys = getattr(section, "model_fields", {})
    if error["type"] in ("model_type", "model_attributes_type") and keys:
        message = f"expected a mapping of some of {', '.join(keys)}"
    # Errors of a whole section would print all of it.
    whole = isinstance(error["input"], (dict, pydantic.BaseModel))
    if not whole and "Received: " not in message:
        message += f". Received: {error['input']!r}"
    return f"{where}: {message}" if where else message


def _follow(model, location):
    """Follow where pydantic found an error.

    Args:
        model: the outermost section.
        location: keys and indices. Behind the key of a field that takes one of
            several sections comes the tag of the one that was chosen.

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
    """Returns a type without `Optional` and metadata, and tag -> section.

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
    """Returns the types that a union joins, but for None."""
    if get_origin(annotation) not in (Union, types.UnionType):
        return []
    return [a for a in get_args(annotation) if a is not type(None)]
