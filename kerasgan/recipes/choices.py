"""Errors of keys that take one of some names, with an offer of the nearest."""

import difflib

from kerasgan.utils import registry


def choice_problem(name, choices, value):
    """Returns what is wrong with a value of a key that takes one of some names.

    Args:
        name: of the key.
        choices: the names.
        value: the value.

    Returns:
        The text for an error message, with the nearest names, or None if the
        value is one of the choices.
    """
    argument = registry.Choice(choices=choices)
    problem = argument.problem(name, value)
    return problem and with_offer(problem, argument, value)


def with_offer(problem, argument, value):
    """Returns a problem of an argument behind the names that could be meant.

    Args:
        problem: the text of `Argument.problem`.
        argument: the `registry.Argument`; names are offered for a `Choice`.
        value: the value that is not allowed.
    """
    if not isinstance(argument, registry.Choice):
        return problem
    values = value if isinstance(value, list) else [value]
    unknown = [
        item
        for item in values
        if isinstance(item, str) and item not in argument.choices
    ]
    near = near_names(unknown[0], argument.choices) if unknown else ()
    return f"{did_you_mean(near)} It {problem}" if near else problem


def near_names(text, names):
    """Returns the names that begin with a text, or else the most similar one."""
    # One letter says nothing.
    near = [name for name in names if len(text) > 1 and name.startswith(text)]
    return near or difflib.get_close_matches(text, names, n=1, cutoff=0.7)


def did_you_mean(names):
    """Returns the question of an error message that offers one or more names."""
    one_of_them = "one of " if len(names) > 1 else ""
    return f"did you mean {one_of_them}{', '.join(names)}?"
