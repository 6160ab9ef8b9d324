"""Tables of what has a name in a recipe, one a kind, next to the code.

A table is a dictionary of names to rows. The schema of recipes, the checks of
constructors, the help of commands and the documentation read it. Neither this
module nor a table imports Keras.
"""

import dataclasses
import functools
import importlib
import math
import numbers
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

# The default of an argument that has none.
REQUIRED = "required"
# The type of an argument's values, as recipes write them.
ValueType: TypeAlias = type[str | float | int | bool | list]


@dataclasses.dataclass(frozen=True)
class Argument:
    """An argument of something that has a name: its default and its values.

    Attributes:
        default: what the constructor takes without it, or `REQUIRED`.
        optional: whether it may be None.
        type: the type of its values, as recipes write them.
    """

    default: Any = REQUIRED
    optional: bool = False
    type: ClassVar[ValueType] = str

    @property
    def expected(self):
        """The values that are allowed, in words."""
        raise NotImplementedError

    def allows(self, value):
        """Returns whether a value other than None is allowed."""
        raise NotImplementedError

    def problem(self, name, value, received=None):
        """Returns what is wrong with a value, for an error message, or None.

        Args:
            name: of the argument.
            value: the value.
            received: what it was read from, if that is something else.
        """
        if self.allows(value) or (value is None and self.optional):
            return None
        value = value if received is None else received
        otherwise = ", or None" if self.optional else ""
        return f"must be {self.expected}{otherwise}. Received: {name}={value!r}"


@dataclasses.dataclass(frozen=True)
class Number(Argument):
    """A finite number."""

    least: float | None = None
    above: float | None = None
    below: float | None = None
    type: ClassVar[ValueType] = float
    noun: ClassVar = "number"

    @property
    def expected(self):
        lowest = self.least == 1 if self.type is int else self.above == 0
        if lowest and self.below is None:
            return f"a positive {self.noun}"
        limits = {"of at least": self.least, "above": self.above}
        limits["below"] = self.below
        texts = [f"{k} {v}" for k, v in limits.items() if v is not None]
        return f"a{'n' if self.type is int else ''} {self.noun} " + (
            " and ".join(texts)
        )

    def allows(self, value):
        return (
            isinstance(value, numbers.Real if self.type is float else int)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )


@dataclasses.dataclass(frozen=True)
class Integer(Number):
    """An integer."""

    type: ClassVar[ValueType] = int
    noun: ClassVar = "integer"


@dataclasses.dataclass(frozen=True)
class Flag(Argument):
    """True or False."""

    type: ClassVar[ValueType] = bool
    expected = "True or False"

    def allows(self, value):
        return isinstance(value, bool)


@dataclasses.dataclass(frozen=True)
class Choice(Argument):
    """One of some names."""

    choices: Iterable[str] = ()

    @property
    def expected(self):
        return f"one of {', '.join(self.choices)}"

    def allows(self, value):
        return isinstance(value, str) and value in self.choices


@dataclasses.dataclass(frozen=True)
class Names(Choice):
    """Some of some names, each once."""

    type: ClassVar[ValueType] = list[str]

    @property
    def expected(self):
        return f"a list of some of {', '.join(self.choices)}, each once"

    def allows(self, value):
        return (
            isinstance(value, (list, tuple))
            and bool(value)
            and all(map(super().allows, value))
            and len({*value}) == len(value)
        )


@dataclasses.dataclass(frozen=True)
class Integers(Argument):
    """Positive integers, one for each level of a network."""

    type: ClassVar[ValueType] = list[int]
    expected = "a list of positive integers, one a level"

    def allows(self, value):
        positive = Integer(least=1).allows
        return (
            isinstance(value, (list, tuple))
            and bool(value)
            and all(map(positive, value))
        )


@dataclasses.dataclass(frozen=True)
class Section(Argument):
    """A row of another table, with its arguments."""

    table: Mapping[str, "Row"] = dataclasses.field(default_factory=dict)

    @property
    def expected(self):
        return f"one of {', '.join(self.table)}"


@dataclasses.dataclass(frozen=True)
class Row:
    """The meaning of a name.

    Attributes:
        where: `"module:name"` of the class, function or object.
        summary: what it is, in a line.
        arguments: those that a recipe can set, in the order of its keys.
        rule: a function of all of them, a dictionary, that returns what is
            wrong with them together, for an error message, or None.
    """

    where: str
    summary: str
    arguments: Mapping[str, Argument] = dataclasses.field(default_factory=dict)
    rule: Callable[[dict], str | None] | None = None

    @property
    def name(self):
        """The name of the class, function or object."""
        return self.where.partition(":")[2]

    def load(self):
        """Imports the class, function or object, at its first use."""
        return getattr(importlib.import_module(self.module), self.name)

    @property
    def module(self):
        """The module that it is in."""
        return self.where.partition(":")[0]

    def check(self, **values):
        """Raises if arguments have values that are not allowed.

        Raises:
            ValueError: a value is not allowed, or they do not go together.
        """
        check(self.arguments, **values)
        problem = self.rule and self.rule(values)
        if problem:
            raise ValueError(problem)


def check(arguments, **values):
    """Raises if a value is not allowed.

    Args:
        arguments: name -> `Argument`.
        **values: the value of each to check.

    Raises:
        ValueError: `Argument NAME must be ... Received: NAME=VALUE`.
    """
    for name, value in values.items():
        problem = arguments[name].problem(name, value)
        if problem:
            raise ValueError(f"Argument `{name}` {problem}")


def load(table):
    """Imports the class, function or object of every row, by name."""
    return {name: row.load() for name, row in table.items()}


def exports(tables):
    """Returns what a package exports of its tables, for `utils.lazy.export`.

    Args:
        tables: the public name of a table -> the table.

    Returns:
        Name -> where it is: of each row, and of each table as a dictionary of
        names to classes.
    """
    rows = [row for table in tables.values() for row in table.values()]
    return {row.name: row.module for row in rows} | {
        name: functools.partial(load, table) for name, table in tables.items()
    }
